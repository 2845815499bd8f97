//! How a client is set up for TLS, and where it connects.

use std::path::PathBuf;

use crate::client_builder::ClientBuilder;
use crate::model::tls::{ClientCertificate, Pem};

/// TLS, and the way to the namespace.
///
/// A client trusts the root certificates of the platform, speaks TLS 1.2 or 1.3, and takes only a server whose
/// certificate is for the host that it connects to. What a certificate is found to lack is a `Communication` error that
/// is not retryable; a server that refuses the client's own certificate an `Authentication` error.
impl ClientBuilder {
    /// Root certificates in PEM, any number of them, to trust besides those of the platform and those given before; for
    /// example the emulator's. None unless set.
    ///
    /// What cannot be used fails [`build`](Self::build) with `InvalidArgument`, as for the other options here.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots.push(Pem::Bytes(pem.into().into()));
        self
    }

    /// A file with root certificates in PEM, to trust besides those of the platform and those given before. None unless
    /// set.
    ///
    /// It is read by [`build`](Self::build) and again for each connection, so that an authority can be replaced while
    /// clients live: put the old and the new certificate into the file, change the server's, take the old one out.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use servicebus::ClientBuilder;
    ///
    /// # fn connect(connection_string: &str) -> servicebus::Result<()> {
    /// let client = ClientBuilder::from_connection_string(connection_string)?
    ///     .root_certificate_file("/etc/ssl/company.pem")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn root_certificate_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.tls.roots.push(Pem::File(path.into()));
        self
    }

    /// The certificate that this client shows to a server that asks for one, such as a gateway in front of the
    /// namespace: the chain in PEM, its own certificate first, and the private key in PEM (PKCS #8, PKCS #1 or SEC 1,
    /// not encrypted). None unless set; the last call counts.
    pub fn client_certificate(
        mut self,
        chain: impl Into<Vec<u8>>,
        private_key: impl Into<Vec<u8>>,
    ) -> Self {
        self.tls.client_certificate = Some(ClientCertificate {
            chain: Pem::Bytes(chain.into().into()),
            key: Pem::Bytes(private_key.into().into()),
        });
        self
    }

    /// The same from two files, or from one that holds both. They are read by [`build`](Self::build) and again for each
    /// connection, so that a certificate can be renewed while clients live.
    pub fn client_certificate_files(
        mut self,
        chain: impl Into<PathBuf>,
        private_key: impl Into<PathBuf>,
    ) -> Self {
        self.tls.client_certificate = Some(ClientCertificate {
            chain: Pem::File(chain.into()),
            key: Pem::File(private_key.into()),
        });
        self
    }

    /// The name that the server's certificate must be for, which is told the server too (SNI, RFC 6066, 3; not where it
    /// is an IP address). The host that is connected to unless set.
    pub fn tls_server_name(mut self, name: impl Into<String>) -> Self {
        self.tls.server_name = Some(name.into());
        self
    }

    /// Connects to this address in place of the namespace's own, for example to an application gateway or a private
    /// link: `sb://host:port`, the port 5671 unless given. The namespace itself is still called by its own name, in AMQP
    /// and in tokens.
    ///
    /// The server's certificate must be for this host, as with Microsoft's clients; where it is the namespace's own
    /// certificate that is shown there, say so by [`tls_server_name`](Self::tls_server_name).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use servicebus::{Client, Credential};
    ///
    /// # fn main() -> servicebus::Result<()> {
    /// let credential = Credential::shared_access_key("RootManageSharedAccessKey", "key");
    /// let client = Client::builder("contoso.servicebus.windows.net", credential)
    ///     .custom_endpoint_address("sb://10.1.0.4")
    ///     .tls_server_name("contoso.servicebus.windows.net")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn custom_endpoint_address(mut self, address: impl Into<String>) -> Self {
        self.custom_endpoint = Some(address.into());
        self
    }
}
