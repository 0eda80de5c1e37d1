#include "manifest/rules/web_key.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "manifest/rules/web_key_numbers.h"

namespace hydra_clients::manifest {
namespace {

using json::Value;

constexpr HydraVersion kV2_2{2, 2, 0};  // from here on go-jose v3, and each key is asked whether it is valid
constexpr std::size_t kExponentBytes = 8;
constexpr std::size_t kEd25519Bytes = 32;

constexpr std::array<std::string_view, 7> kTexts = {"use", "kty", "kid", "crv", "alg", "x5t", "x5t#S256"};
constexpr std::array<std::string_view, 11> kNumbers = {"k", "x", "y",  "n",  "e", "d",
                                                       "p", "q", "dp", "dq", "qi"};

struct Curve {
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<Curve, 3> kCurves = {{{"P-256", 32}, {"P-384", 48}, {"P-521", 66}}};

/// The checks of one key. Numbers are kept decoded.
class WebKeyCheck {
 public:
  WebKeyCheck(const Value& key, const HydraVersion& hydra) : key_(key), isV3_(hydra >= kV2_2) {}

  std::vector<WebKeyFault> run() {
    if (!key_.isObject()) {
      fault("", "a key is a JSON object");
      return std::move(faults_);
    }
    readMembers();
    if (faults_.empty()) checkType();
    if (faults_.empty()) checkCertificates();
    return std::move(faults_);
  }

 private:
  void fault(std::string_view member, std::string message) {
    faults_.push_back({std::string(member), std::move(message)});
  }

  [[nodiscard]] std::string_view text(std::string_view name) const {
    const Value* value = key_.find(name);
    return value != nullptr && value->isString() ? std::string_view(value->text) : std::string_view();
  }
  [[nodiscard]] const std::string* number(std::string_view name) const {
    const auto found = std::ranges::find(numbers_, name, &Number::first);
    return found == numbers_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool has(std::string_view name) const { return number(name) != nullptr; }

  void readMembers() {
    for (const json::Member& member : key_.members) {
      if (member.value.isNull()) continue;
      if (std::ranges::find(kTexts, member.name) != kTexts.end()) {
        if (!member.value.isString()) fault(member.name, "must be a string");
      } else if (std::ranges::find(kNumbers, member.name) != kNumbers.end()) {
        readNumber(member);
      } else if (member.name == "x5u") {
        checkUrl(member.value);
      } else if (member.name == "x5c") {
        readCertificates(member.value);
      }
    }
  }

  void readNumber(const json::Member& member) {
    if (!member.value.isString()) return fault(member.name, "must be a string in base64url");
    std::string_view text = member.value.text;
    if (text.ends_with('=') && !isV3_) {
      return fault(member.name, "is base64url with padding (=), which Hydra takes from 2.2 on");
    }
    auto bytes = decodeBase64Url(text);
    if (!bytes) return fault(member.name, "is no base64url (RFC 4648, section 5)");
    numbers_.emplace_back(member.name, std::move(*bytes));
  }

  void checkUrl(const Value& value) {
    if (!isV3_) {
      if (!value.isObject()) fault("x5u", "is taken by Hydra from 2.2 on only");
    } else if (!value.isString()) {
      fault("x5u", "must be a string");
    }
  }

  void readCertificates(const Value& value) {
    if (!value.isArray()) return fault("x5c", "must be an array of certificates in base64");
    for (const Value& item : value.items) {
      auto der = item.isString() ? decodeBase64(item.text) : std::nullopt;
      if (!der || !isCertificate(*der))
        return fault("x5c", "holds something that is no certificate in base64 (RFC 7517, 4.7)");
      certificates_.push_back(std::move(*der));
    }
  }

  void checkType() {
    const std::string_view type = text("kty");
    if (type == "EC") return checkEc();
    if (type == "RSA") return checkRsa();
    if (type == "OKP") return checkOkp();
    if (type == "oct") return checkOct();
    fault("kty", "must be RSA, EC or OKP, in these letters");
  }

  void checkEc() {
    const auto curve = std::ranges::find(kCurves, text("crv"), &Curve::name);
    if (curve == kCurves.end()) return fault("crv", "must be P-256, P-384 or P-521 for an EC key");
    for (const std::string_view name : {"x", "y"}) {
      if (!has(name)) fault(name, "is missing: an EC key has x and y");
    }
    for (const std::string_view name : {"x", "y", "d"}) {
      if (has(name) && number(name)->size() != curve->bytes) {
        fault(name, "must have " + std::to_string(curve->bytes) + " bytes for " + std::string(curve->name));
      }
    }
    if (faults_.empty() && !isOnCurve(curve->name, *number("x"), *number("y"))) {
      fault("x", "with y is no point of " + std::string(curve->name));
    }
  }

  void checkRsa() {
    for (const std::string_view name : {"n", "e"}) {
      if (!has(name)) fault(name, "is missing: an RSA key has n and e");
    }
    if (!faults_.empty()) return;
    const std::string& exponent = *number("e");
    const std::string_view kept =
        std::string_view(exponent).substr(exponent.size() - std::min(exponent.size(), kExponentBytes));
    if (kept.find_first_not_of('\0') == std::string_view::npos) {
      return fault("e",
                   isV3_ ? "is zero"
                         : "is zero: Hydra would store the key, and answer no list that holds it any more");
    }
    if (exponent.find_first_not_of('\0') + kExponentBytes < exponent.size()) {
      fault("e", "is larger than 64 bits: Hydra would keep the lower ones only");
    }
    if (has("d")) checkRsaPrivate(kept);
  }

  void checkRsaPrivate(std::string_view exponent) {
    for (const std::string_view name : {"p", "q"}) {
      if (!has(name)) fault(name, "is missing: an RSA key with d has p and q");
    }
    if (!faults_.empty()) return;
    const auto part = [&](std::string_view name) { return has(name) ? *number(name) : std::string(); };
    RsaNumbers rsa{*number("n"), std::string(exponent), *number("d"),
                   *number("p"), *number("q"),          std::nullopt};
    if (has("dp") && has("dq") && has("qi")) rsa.crt = RsaCrt{part("dp"), part("dq"), part("qi")};
    if (const std::string_view why = whyNoRsaPrivateKey(rsa); !why.empty()) fault("d", std::string(why));
  }

  void checkOkp() {
    if (text("crv") != "Ed25519") return fault("crv", "must be Ed25519 for an OKP key");
    if (!has("x")) return fault("x", "is missing: an OKP key has x");
    for (const std::string_view name : {"x", "d"}) {
      if (has(name) && number(name)->size() != kEd25519Bytes) {
        fault(name, "must have 32 bytes: Hydra would cut or fill it up");
      }
    }
  }

  void checkOct() {
    if (isV3_) return fault("kty", "is oct, a symmetric key, which Hydra refuses from 2.2 on");
    if (!certificates_.empty()) return fault("x5c", "cannot stand in a symmetric key");
    if (!has("k")) return fault("k", "is missing: a symmetric key has k");
    if (number("k")->empty())
      fault("k", "is empty: Hydra would store the key, and answer no list that holds it any more");
  }

  void checkCertificates() {
    const std::optional<std::string> sha1 = thumbprint("x5t", 20);
    const std::optional<std::string> sha256 = thumbprint("x5t#S256", 32);
    if (!faults_.empty() || certificates_.empty()) return;
    const std::string& leaf = certificates_.front();
    if (!certifies(leaf)) fault("x5c", "begins with the certificate of another key");
    if (sha1 && *sha1 != sha1Of(leaf)) fault("x5t", "is not the thumbprint of the certificate in x5c");
    if (sha256 && *sha256 != sha256Of(leaf))
      fault("x5t#S256", "is not the thumbprint of the certificate in x5c");
  }

  [[nodiscard]] bool certifies(const std::string& leaf) const {
    const std::string_view type = text("kty");
    if (type == "RSA") return certifiesRsa(leaf, *number("n"), *number("e"));
    if (type == "EC") return certifiesEc(leaf, text("crv"), *number("x"), *number("y"));
    return certifiesEd25519(leaf, *number("x"));
  }

  /// A thumbprint's bytes, which may be written in hexadecimal inside the base64url; nullopt where none is
  /// stated.
  std::optional<std::string> thumbprint(std::string_view name, std::size_t size) {
    if (text(name).empty()) return std::nullopt;
    auto bytes = decodeBase64Url(text(name));
    if (bytes && bytes->size() == 2 * size) bytes = decodeHex(*bytes);
    if (bytes && bytes->size() == size) return bytes;
    fault(name, "is no thumbprint: base64url of " + std::to_string(size) + " bytes");
    return std::nullopt;
  }

  using Number = std::pair<std::string, std::string>;
  const Value& key_;
  const bool isV3_;
  std::vector<WebKeyFault> faults_;
  std::vector<Number> numbers_;
  std::vector<std::string> certificates_;
};

}  // namespace

std::vector<WebKeyFault> faultsOf(const Value& key, const HydraVersion& hydra) {
  return WebKeyCheck(key, hydra).run();
}

bool isPrivate(const Value& key) {
  return std::ranges::any_of(std::array<std::string_view, 2>{"d", "k"}, [&](std::string_view name) {
    const Value* value = key.isObject() ? key.find(name) : nullptr;
    return value != nullptr && value->isString() && !value->text.empty();
  });
}

}  // namespace hydra_clients::manifest
