#pragma once

#include <string>

namespace hydra_clients::test {

/// What a certificate of the tests says.
struct CertificateRequest {
  std::string name;              ///< files are NAME.pem and NAME.key
  std::string alternativeNames;  ///< as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1"
  bool isAuthority = false;
  std::string issuer;  ///< NAME of the authority that signs it; "" signs itself
  long firstDay = -1;  ///< validity, in days from now
  long lastDay = 1;
};

/// Makes a key and a certificate in `folder`.
void makeCertificate(const std::string& folder, const CertificateRequest& request);

}  // namespace hydra_clients::test
