// Stands in for controller/secrets/pgp.cpp: it seals in no time, and nothing is secret about it. What is
// simulated is where sealed secrets are kept and when, not GnuPG.

#include "pgp_stand_in.h"

#include <utility>

#include "client/hex.h"
#include "secrets/pgp.h"

namespace hydra_clients::secrets {

struct Pgp::Impl {
  std::vector<Recipient> recipients{{.fingerprint = std::string(40, 'A'), .userId = "", .expires = {}}};
  std::string home;
};

Pgp::Pgp(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pgp::~Pgp() = default;

tl::expected<std::unique_ptr<Pgp>, std::string> Pgp::start(const PgpOptions&) {
  return std::unique_ptr<Pgp>(new Pgp(std::make_unique<Impl>()));
}

tl::expected<Recipient, std::string> Pgp::addRecipient(std::string_view) { return impl_->recipients.front(); }

tl::expected<std::string, std::string> Pgp::encrypt(const Secret& plaintext) {
  return "-----BEGIN PGP MESSAGE-----\n\n" + simulate::sealedForm(plaintext.reveal(Purpose::kEncryption)) +
         "\n-----END PGP MESSAGE-----\n";
}

const std::vector<Recipient>& Pgp::recipients() const { return impl_->recipients; }
const std::string& Pgp::home() const { return impl_->home; }

}  // namespace hydra_clients::secrets

std::string simulate::sealedForm(std::string_view plaintext) {
  return "c2VhbGVk" + hydra_clients::hex(plaintext);
}
