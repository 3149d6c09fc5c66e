use crate::needle::occurs;
use crate::post::{ALICE, BOB, Kind, Post, USERS};
use crate::python::python;
use crate::story::Story;
use crate::wire_tap::Tap;

/// Says lines in clear, from an address that is not the server's own; what is answered.
fn say(post: &Post, port: u16, lines: &str) -> String {
    let script = "import socket, sys, time
with socket.create_connection(('127.0.0.1', int(sys.argv[1])), 30, ('127.0.0.2', 0)) as server:
    for line in sys.argv[2].split('|'):
        time.sleep(0.2)
        server.sendall(line.encode() + b'\\r\\n')
    time.sleep(0.2)
    print(server.recv(65536).decode())
";
    let program = python().unwrap().arg("-c").arg(script).arg(port.to_string()).arg(lines);
    post.run(program, "bob", "").text()
}

/// What of the people's stands in what went over the wire.
fn seen(connections: &[Vec<u8>], texts: &[String]) -> Vec<&'static str> {
    let any = |secret: &str| connections.iter().any(|wire| occurs(wire, secret));
    let mut seen = Vec::new();
    if USERS.iter().any(|(_, password)| any(password)) {
        seen.push("a password");
    }
    if texts.iter().any(|text| any(text)) {
        seen.push("a text");
    }
    if seen.is_empty() {
        seen.push("nothing");
    }
    seen
}

#[test]
fn wire() {
    let Some(post) = Post::new() else { return };
    let Some(tap) = Tap::start(post.folder(), &post.ports()) else { return };
    let story = Story::of("wire");
    let texts = post.course().texts;
    let ((alice, alices), (bob, bobs)) = (USERS[0], USERS[2]);
    let imap = say(&post, post.dovecot.imap, &format!("a LOGIN {bob} {bobs}|b LOGOUT"));
    let pop3 = say(&post, post.dovecot.pop3, &format!("USER {bob}|PASS {bobs}|QUIT"));
    let login = base64_simd::STANDARD.encode_to_string(format!("\0{alice}\0{alices}"));
    let letter = format!("MAIL FROM:<{ALICE}>|RCPT TO:<{BOB}>|DATA|Subject: x||{}|.|QUIT", texts[0]);
    let smtp = say(&post, post.open(), &format!("EHLO client.test|AUTH PLAIN {login}|{letter}"));
    assert!(imap.contains("\na NO") && pop3.contains("-ERR") && smtp.contains("354 "), "{imap}{pop3}{smtp}");

    let captured = tap.end();
    let letters = Kind::ALL.len();
    let ports = [
        (post.submissions, letters),
        (post.submission, letters),
        (post.relay(), 1),
        (post.dovecot.imaps, 1),
        (post.dovecot.pop3s, 1),
        (post.dovecot.imap, 1),
        (post.dovecot.pop3, 1),
        (post.open(), 1),
    ];
    let mut shown = Vec::new();
    for ((port, least), row) in ports.into_iter().zip(story.rows()) {
        let connections = captured.get(&port).map(Vec::as_slice).unwrap_or_default();
        assert!(connections.len() >= least, "{row}: only {} connections were seen", connections.len());
        let seen = seen(connections, &texts);
        story.row_ends(row, &seen);
        shown.extend(seen.into_iter().filter(|_| !row.starts_with("control: ")));
    }
    shown.dedup();
    let taken = imap.contains("\na OK") || smtp.contains("\n235 ") || pop3.contains("Logged in");
    shown.push(if taken { "a" } else { "no" });
    story.ends(shown);
}
