//! Against a server on this machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::outside::HttpFetcher;
use crate::report::FetchPurpose;
use crate::trust::{FetchError, FetchRequest, Fetcher};

/// Answers each connection in turn, and tells what it was asked.
fn serve(answers: Vec<Vec<u8>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(length) = stream.read(&mut buffer) {
                text.extend_from_slice(&buffer[..length]);
                let whole = String::from_utf8_lossy(&text).into_owned();
                if length == 0
                    || whole
                        .split_once("\r\n\r\n")
                        .is_some_and(|(head, body)| !head.starts_with("POST") || !body.is_empty())
                {
                    break;
                }
            }
            let _ = sender.send(String::from_utf8_lossy(&text).into_owned());
            if answer.is_empty() {
                std::thread::sleep(Duration::from_secs(3));
            }
            let _ = stream.write_all(&answer);
        }
    });
    (base, asked)
}

fn ok(body: &[u8]) -> Vec<u8> {
    [
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes(),
        body,
    ]
    .concat()
}

fn moved(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

fn crl(url: &str) -> FetchRequest<'_> {
    FetchRequest { purpose: FetchPurpose::Crl, url, body: &[], max_bytes: 100 }
}

fn inside() -> HttpFetcher {
    HttpFetcher::new().allow(FetchPurpose::Crl).allow(FetchPurpose::Ocsp).insecurely_allow_private_addresses()
}

#[test]
fn gets_and_posts() {
    let (base, asked) = serve(vec![ok(b"crl"), ok(b"answer")]);
    assert_eq!(inside().fetch(&crl(&format!("{base}/ca.crl"))).unwrap(), b"crl");
    assert!(asked.recv().unwrap().starts_with("GET /ca.crl HTTP/1.1\r\n"));
    let request = FetchRequest { purpose: FetchPurpose::Ocsp, url: &base, body: b"question", max_bytes: 100 };
    assert_eq!(inside().fetch(&request).unwrap(), b"answer");
    let said = asked.recv().unwrap().to_lowercase();
    assert!(said.starts_with("post / http/1.1\r\n") && said.contains("application/ocsp-request"), "{said}");
    assert!(said.ends_with("question"));
}

#[test]
fn r_c7_purposes_are_turned_on_one_by_one() {
    let (base, asked) = serve(vec![ok(b"crl")]);
    let only_ocsp = HttpFetcher::new().allow(FetchPurpose::Ocsp).insecurely_allow_private_addresses();
    assert_eq!(only_ocsp.fetch(&crl(&base)), Err(FetchError::Refused));
    assert_eq!(HttpFetcher::new().fetch(&crl("http://crl.example/")), Err(FetchError::Refused));
    assert!(asked.try_recv().is_err());
}

#[test]
fn r_c7_private_addresses_are_refused_before_and_after_names() {
    let (base, asked) = serve(vec![ok(b"crl")]);
    let outside = HttpFetcher::new().allow(FetchPurpose::Crl);
    assert_eq!(outside.fetch(&crl(&base)), Err(FetchError::Refused));
    assert!(asked.try_recv().is_err());
    // The address of the URL passes the first look here, and is refused once it is resolved.
    let agent = outside.agent(Duration::from_secs(5));
    let error = agent.get(&base).call().unwrap_err();
    assert!(matches!(&error, ureq::Error::Other(other) if other.is::<super::guard::Private>()), "{error}");
    let named = base.replace("127.0.0.1", "localhost");
    assert!(agent.get(&named).call().is_err());
    assert!(asked.try_recv().is_err());
}

#[test]
fn r_c7_redirects_are_few_and_checked_again() {
    let (base, asked) = serve(vec![moved("/a"), moved("/b"), moved("/c"), ok(b"crl")]);
    assert_eq!(inside().fetch(&crl(&base)).unwrap(), b"crl");
    assert_eq!(asked.iter().take(4).filter(|said| said.starts_with("GET /")).count(), 4);
    let (base, _) = serve(vec![moved("/a"), moved("/b"), moved("/c"), moved("/d"), ok(b"crl")]);
    assert_eq!(inside().fetch(&crl(&base)), Err(FetchError::Refused));
    for to in ["ftp://crl.example/", "//crl.example/", "file:///etc/passwd", "next", ""] {
        let (base, _) = serve(vec![moved(to)]);
        assert_eq!(inside().fetch(&crl(&base)), Err(FetchError::Refused), "{to}");
    }
    assert_eq!(super::target("http://a.example/x?y", "/z"), Some("http://a.example/z".into()));
    // A question is not asked elsewhere.
    let (base, _) = serve(vec![moved("/a"), ok(b"answer")]);
    let request = FetchRequest { purpose: FetchPurpose::Ocsp, url: &base, body: b"question", max_bytes: 100 };
    assert_eq!(inside().fetch(&request), Err(FetchError::Unavailable));
}

#[test]
fn r_c7_answers_are_bounded_in_size_and_time() {
    let (base, _) = serve(vec![ok(&[7; 101])]);
    assert_eq!(inside().fetch(&crl(&base)), Err(FetchError::Refused));
    let (base, _) = serve(vec![ok(&[7; 100])]);
    assert_eq!(inside().fetch(&crl(&base)).unwrap().len(), 100);
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n".to_vec();
    let (base, _) = serve(vec![[chunked, vec![7; 128], b"\r\n0\r\n\r\n".to_vec()].concat()]);
    assert_eq!(inside().fetch(&crl(&base)), Err(FetchError::Refused));
    let (base, _) = serve(vec![Vec::new()]);
    let begun = Instant::now();
    let quick = inside().timeout(Duration::from_millis(300));
    assert_eq!(quick.fetch(&crl(&base)), Err(FetchError::Unavailable));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

/// An octet now and then is no answer either, and any length of patience is one.
#[test]
fn r_c7_slow_answers_end_with_the_time_for_all_of_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for head in ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "HTTP/1.1 200 OK\r\nX: "] {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(b"7").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    });
    for _ in 0..2 {
        let begun = Instant::now();
        let quick = inside().timeout(Duration::from_millis(500));
        assert_eq!(quick.fetch(&crl(&base)), Err(FetchError::Unavailable));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    let (base, _) = serve(vec![ok(b"crl")]);
    assert_eq!(inside().timeout(Duration::MAX).fetch(&crl(&base)).unwrap(), b"crl");
}

#[test]
fn what_is_not_there_is_no_answer() {
    let (base, _) = serve(vec![b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()]);
    assert_eq!(inside().fetch(&crl(&base)), Err(FetchError::Unavailable));
    assert_eq!(inside().fetch(&crl("http://127.0.0.1:1/")), Err(FetchError::Unavailable));
}
