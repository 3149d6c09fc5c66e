//! The DNS over the network, by hickory-resolver.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ProtocolConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as HickoryError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::runtime::{Builder, Runtime};

use super::resolver::{DnsError, RecordKind, Resolver};
use crate::error::Error;

/// For one question, all attempts together.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks a server of the DNS, by UDP, then TCP. Remembers answers as long as they say. One thread of its own does the
/// waiting, so it may be asked from any thread.
///
/// ```no_run
/// use mailseal::outside::domain::{DnsResolver, RecordKind, Resolver};
/// let resolver = DnsResolver::system()?;
/// for record in resolver.lookup("example.com", RecordKind::Txt).unwrap_or_default() {
///     println!("{}", String::from_utf8_lossy(&record));
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
pub struct DnsResolver {
    resolver: TokioResolver,
    /// Some until it is dropped.
    runtime: Option<Runtime>,
    patience: Duration,
}

impl DnsResolver {
    /// The servers that the system asks.
    pub fn system() -> Result<Self, Error> {
        let (config, options) = hickory_resolver::system_conf::read_system_conf().map_err(failed)?;
        Self::new(config, options)
    }

    /// One server.
    ///
    /// ```
    /// use mailseal::outside::domain::DnsResolver;
    /// let resolver = DnsResolver::at("127.0.0.1:5353".parse().unwrap())?;
    /// # let _ = resolver;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn at(server: SocketAddr) -> Result<Self, Error> {
        let connection = |protocol| {
            let mut connection = ConnectionConfig::new(protocol);
            connection.port = server.port();
            connection
        };
        let connections = vec![connection(ProtocolConfig::Udp), connection(ProtocolConfig::Tcp)];
        let server = NameServerConfig::new(server.ip(), true, connections);
        Self::new(ResolverConfig::from_parts(None, Vec::new(), vec![server]), ResolverOpts::default())
    }

    /// Waits that long for an answer; 10 seconds where nothing is said.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn new(config: ResolverConfig, mut options: ResolverOpts) -> Result<Self, Error> {
        options.use_hosts_file = ResolveHosts::Never;
        let io = Error::io("the DNS");
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(io)?;
        let guard = runtime.enter();
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options;
        let resolver = builder.build().map_err(failed)?;
        drop(guard);
        Ok(Self { resolver, runtime: Some(runtime), patience: PATIENCE })
    }
}

fn failed(error: NetError) -> Error {
    Error::io("the DNS")(std::io::Error::other(error.to_string()))
}

impl Drop for DnsResolver {
    fn drop(&mut self) {
        // Waiting for it is forbidden inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for DnsResolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DnsResolver").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Resolver for DnsResolver {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        let name = Name::from_ascii(format!("{name}.")).map_err(|_| DnsError::NoSuchName)?;
        let runtime = self.runtime.as_ref().ok_or(DnsError::Temporary)?;
        let (resolver, (answer, wait)) = (self.resolver.clone(), mpsc::channel());
        runtime.spawn(async move {
            // Who does not wait any more needs no answer.
            let _ = answer.send(resolver.lookup(name, record_type(kind)).await);
        });
        match wait.recv_timeout(self.patience) {
            Ok(Ok(found)) => {
                let wanted =
                    found.answers().iter().filter(|record| record.record_type() == record_type(kind));
                Ok(wanted.filter_map(|record| shown(&record.data)).collect())
            }
            Ok(Err(NetError::Dns(HickoryError::NoRecordsFound(none)))) => match none.response_code {
                ResponseCode::NoError => Ok(Vec::new()),
                ResponseCode::NXDomain => Err(DnsError::NoSuchName),
                _ => Err(DnsError::Temporary),
            },
            Ok(Err(_)) | Err(_) => Err(DnsError::Temporary),
        }
    }
}

fn record_type(kind: RecordKind) -> RecordType {
    match kind {
        RecordKind::Txt => RecordType::TXT,
        RecordKind::Mx => RecordType::MX,
        RecordKind::A => RecordType::A,
        RecordKind::Aaaa => RecordType::AAAA,
        RecordKind::Ptr => RecordType::PTR,
    }
}

fn shown(data: &RData) -> Option<Vec<u8>> {
    let name = |name: &Name| name.to_ascii().trim_end_matches('.').to_owned();
    Some(match data {
        RData::TXT(text) => return Some(text.txt_data.concat()),
        RData::MX(mx) => format!("{} {}", mx.preference, name(&mx.exchange)).into_bytes(),
        RData::A(address) => address.0.to_string().into_bytes(),
        RData::AAAA(address) => address.0.to_string().into_bytes(),
        RData::PTR(pointer) => name(&pointer.0).into_bytes(),
        _ => return None,
    })
}
