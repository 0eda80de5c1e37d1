#include "jwk.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "go_json.h"
#include "go_text.h"
#include "go_url.h"
#include "jwk_numbers.h"

namespace sandbox {
namespace {

using go_json::Kind;
using Fault = std::string;

tl::unexpected<Fault> fault(std::string text) { return tl::unexpected<Fault>(std::move(text)); }

/// rawJSONWebKey of go-jose.
struct RawKey {
  std::map<std::string, std::string, std::less<>> texts;    // use, kty, kid, crv, alg, x5u, x5t, x5t#S256
  std::map<std::string, std::string, std::less<>> buffers;  // k, x, y, n, e, d, p, q, dp, dq, qi: decoded
  std::vector<std::string> certificates;                    // x5c: DER

  const std::string* buffer(std::string_view name) const {
    const auto found = buffers.find(name);
    return found == buffers.end() ? nullptr : &found->second;
  }
  const std::string& text(std::string_view name) const {
    static const std::string none;
    const auto found = texts.find(name);
    return found == texts.end() ? none : found->second;
  }
  bool has(std::initializer_list<std::string_view> names) const {
    return std::all_of(names.begin(), names.end(), [this](auto name) { return buffer(name) != nullptr; });
  }
};

constexpr std::array<std::string_view, 8> kTexts = {"use", "kty", "kid", "crv",
                                                    "alg", "x5u", "x5t", "x5t#S256"};
constexpr std::array<std::string_view, 11> kBuffers = {"k", "x", "y",  "n",  "e", "d",
                                                       "p", "q", "dp", "dq", "qi"};
constexpr std::array<std::string_view, 5> kTextsInOrder = {"use", "kty", "kid", "crv", "alg"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

tl::expected<std::string, std::size_t> decode_number(std::string text, const Dialect& dialect) {
  if (dialect.padded_base64_keys) text.erase(text.find_last_not_of('=') + 1);
  return decode_base64url(text);
}

tl::expected<void, Fault> read_certificates(std::string_view value, RawKey& key) {
  if (go_json::kind_of(value) != Kind::array) {
    return fault("json: cannot unmarshal " + std::string(go_json::type_word(go_json::kind_of(value))) +
                 " into Go value of type []string");
  }
  for (const auto element : go_json::elements(value)) {
    if (go_json::kind_of(element) != Kind::string) {
      return fault("json: cannot unmarshal " + std::string(go_json::type_word(go_json::kind_of(element))) +
                   " into Go value of type string");
    }
    const auto der = decode_base64(go_json::unquote(element));
    if (!der || !is_certificate(*der))
      return fault("go-jose/go-jose: failed to unmarshal x5c field: x509: malformed certificate");
    key.certificates.push_back(*der);
  }
  return {};
}

tl::expected<void, Fault> read_member(const go_json::Member& member, const Dialect& dialect, RawKey& key) {
  const Kind kind = go_json::kind_of(member.value);
  if (kind == Kind::null) return {};
  if (member.name == "x5c") return read_certificates(member.value, key);
  const bool is_text = contains(kTexts, member.name);
  if (!is_text && !contains(kBuffers, member.name)) return {};
  if (member.name == "x5u" && !dialect.padded_base64_keys) {  // go-jose v2 has a struct there
    if (kind == Kind::object) return {};
    return fault("json: cannot unmarshal " + std::string(go_json::type_word(kind)) +
                 " into Go value of type url.URL");
  }
  if (kind != Kind::string) {
    return fault("json: cannot unmarshal " + std::string(go_json::type_word(kind)) +
                 " into Go value of type string");
  }
  std::string text = go_json::unquote(member.value);
  if (is_text) {
    key.texts[member.name] = std::move(text);
    return {};
  }
  auto bytes = decode_number(std::move(text), dialect);
  if (!bytes) return fault("illegal base64 data at input byte " + std::to_string(bytes.error()));
  key.buffers[member.name] = std::move(*bytes);
  return {};
}

tl::expected<RawKey, Fault> read_raw(std::string_view value, const Dialect& dialect) {
  const Kind kind = go_json::kind_of(value);
  RawKey key;
  if (kind == Kind::null) return key;
  if (kind != Kind::object) {
    return fault("json: cannot unmarshal " + std::string(go_json::type_word(kind)) +
                 " into Go value of type jose.rawJSONWebKey");
  }
  std::set<std::string, std::less<>> names;
  for (const auto& member : go_json::members(value)) {
    // go-jose's own JSON refuses a duplicate among a key's members, but not inside the ones that it drops.
    if (!names.insert(member.name).second)
      return fault("json: duplicate key '" + member.name + "' in object");
    if (auto read = read_member(member, dialect, key); !read) return tl::unexpected(read.error());
  }
  return key;
}

/// The exponent as Go's int: the low 64 bits, without leading zeros.
std::string exponent(const RawKey& key) {
  const std::string& bytes = *key.buffer("e");
  return without_leading_zeros(bytes.size() > 8 ? std::string_view(bytes).substr(bytes.size() - 8) : bytes);
}

std::string fixed_size(std::string_view bytes, std::size_t size) {
  std::string fixed(bytes.substr(0, size));
  fixed.resize(size, '\0');
  return fixed;
}

/// What is written for a key: the buffers that its type has, in normal form.
struct Written {
  std::map<std::string, std::string, std::less<>> buffers;
  bool certificate_matches = true;
  bool unreadable = false;
  bool invalid = false;
};

tl::expected<Written, Fault> ec_key(const RawKey& key) {
  static const std::map<std::string, std::size_t, std::less<>> sizes = {
      {"P-256", 32}, {"P-384", 48}, {"P-521", 66}};
  const auto size = sizes.find(key.text("crv"));
  if (size == sizes.end())
    return fault("go-jose/go-jose: unsupported elliptic curve '" + key.text("crv") + "'");
  if (!key.has({"x", "y"})) return fault("go-jose/go-jose: invalid EC key, missing x/y values");
  Written written;
  for (const auto name : {"x", "y", "d"}) {
    const std::string* bytes = key.buffer(name);
    if (bytes == nullptr) continue;
    if (bytes->size() != size->second) {
      const std::string key_type = key.buffer("d") == nullptr ? "public" : "private";
      return fault("go-jose/go-jose: invalid EC " + key_type + " key, wrong length for " + name);
    }
    written.buffers[name] = *bytes;
  }
  if (!on_curve(size->first, *key.buffer("x"), *key.buffer("y"))) {
    return fault("go-jose/go-jose: invalid EC key, X/Y are not on declared curve");
  }
  if (!key.certificates.empty()) {
    written.certificate_matches =
        certificate_holds_ec(key.certificates[0], size->first, *key.buffer("x"), *key.buffer("y"));
  }
  return written;
}

tl::expected<Written, Fault> rsa_key(const RawKey& key) {
  if (!key.has({"n", "e"})) return fault("go-jose/go-jose: invalid RSA key, missing n/e values");
  Written written;
  written.buffers["n"] = without_leading_zeros(*key.buffer("n"));
  const std::string e = exponent(key);
  if (e.empty()) {
    written.unreadable = true;
    written.invalid = true;
  } else {
    written.buffers["e"] = e;
  }
  if (key.buffer("d") != nullptr) {
    for (const auto& [name, shown] : {std::pair{"p", "P"}, {"q", "Q"}}) {
      if (key.buffer(name) == nullptr) {
        return fault(std::string("go-jose/go-jose: invalid RSA private key, missing ") + shown + " value(s)");
      }
    }
    const bool has_remainders = key.has({"dp", "dq", "qi"});
    const RsaParts parts{.n = *key.buffer("n"),
                         .e = e,
                         .d = *key.buffer("d"),
                         .p = *key.buffer("p"),
                         .q = *key.buffer("q"),
                         .dp = has_remainders ? *key.buffer("dp") : "",
                         .dq = has_remainders ? *key.buffer("dq") : "",
                         .qi = has_remainders ? *key.buffer("qi") : "",
                         .has_remainders = has_remainders};
    if (const std::string what = rsa_private_key_fault(parts); !what.empty())
      return fault("crypto/rsa: " + what);
    for (const auto name : {"d", "p", "q", "dp", "dq", "qi"}) {
      if (const auto* bytes = key.buffer(name)) written.buffers[name] = without_leading_zeros(*bytes);
    }
  }
  if (!key.certificates.empty()) {
    written.certificate_matches = certificate_holds_rsa(key.certificates[0], written.buffers["n"], e);
  }
  return written;
}

tl::expected<Written, Fault> okp_key(const RawKey& key) {
  const std::string* x = key.buffer("x");
  if (key.text("crv") != "Ed25519" || x == nullptr) {
    return fault("go-jose/go-jose: unknown curve " + key.text("crv") + "'");
  }
  Written written;
  written.buffers["x"] = fixed_size(*x, 32);
  if (const auto* d = key.buffer("d")) written.buffers["d"] = fixed_size(*d, 32);
  if (!key.certificates.empty()) {
    written.certificate_matches = certificate_holds_ed25519(key.certificates[0], written.buffers["x"]);
  }
  return written;
}

tl::expected<Written, Fault> symmetric_key(const RawKey& key) {
  if (!key.certificates.empty()) {
    return fault("go-jose/go-jose: invalid JWK, found 'oct' (symmetric) key with cert chain");
  }
  const std::string* k = key.buffer("k");
  if (k == nullptr) return fault("go-jose/go-jose: invalid OCT (symmetric) key, missing k value");
  Written written;
  written.invalid = true;  // Valid() knows no symmetric keys
  if (k->empty()) {
    written.unreadable = true;
  } else {
    written.buffers["k"] = *k;
  }
  return written;
}

tl::expected<Written, Fault> key_of_type(const RawKey& key) {
  const std::string& type = key.text("kty");
  if (type == "EC") return ec_key(key);
  if (type == "RSA") return rsa_key(key);
  if (type == "oct") return symmetric_key(key);
  if (type == "OKP") return okp_key(key);
  return fault("go-jose/go-jose: unknown json web key type '" + type + "'");
}

/// A thumbprint (x5t, x5t#S256): bytes, or their hexadecimal form, in base64url.
tl::expected<std::string, Fault> thumbprint(const RawKey& key, std::string_view name, std::size_t size,
                                            const Dialect& dialect) {
  auto bytes = decode_number(key.text(name), dialect);
  if (!bytes)
    return fault("go-jose/go-jose: invalid JWK, " + std::string(name) + " header has invalid encoding");
  if (bytes->size() == 2 * size) {
    std::string binary;
    for (std::size_t i = 0; i < bytes->size(); i += 2) {
      const int high = hex_digit((*bytes)[i]);
      const int low = hex_digit((*bytes)[i + 1]);
      if (high < 0 || low < 0)
        return fault("go-jose/go-jose: invalid JWK, unable to hex decode " + std::string(name));
      binary += static_cast<char>(high * 16 + low);
    }
    bytes = binary;
  }
  if (!bytes->empty() && bytes->size() != size) {
    return fault("go-jose/go-jose: invalid JWK, " + std::string(name) + " header is of incorrect size");
  }
  return *bytes;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += out.ends_with('{') ? "\"" : ",\"";
  out += name;
  out += "\":";
  go_json::append_quoted(out, text);
}

std::string as_json(const RawKey& key, const Written& written, std::string_view url,
                    std::string_view sha1_print, std::string_view sha256_print) {
  std::string out = "{";
  for (const auto name : kTextsInOrder) {
    const std::string& text = key.text(name);
    const bool has_curve = key.text("kty") == "EC" || key.text("kty") == "OKP";
    if (!text.empty() && (name != "crv" || has_curve)) append_member(out, name, text);
  }
  for (const auto name : kBuffers) {
    const auto bytes = written.buffers.find(name);
    if (bytes != written.buffers.end()) append_member(out, name, encode_base64url(bytes->second));
  }
  if (!key.certificates.empty()) {
    out += ",\"x5c\":[";
    for (std::size_t i = 0; i < key.certificates.size(); ++i) {
      if (i > 0) out += ',';
      go_json::append_quoted(out, encode_base64(key.certificates[i]));
    }
    out += ']';
  }
  if (!url.empty()) append_member(out, "x5u", url);
  if (!sha1_print.empty()) append_member(out, "x5t", encode_base64url(sha1_print));
  if (!sha256_print.empty()) append_member(out, "x5t#S256", encode_base64url(sha256_print));
  return out + "}";
}

/// JSONWebKey.UnmarshalJSON, and what MarshalJSON makes of it.
tl::expected<Written, Fault> read_key(std::string_view value, const Dialect& dialect, std::string& json) {
  const auto key = read_raw(value, dialect);
  if (!key) return tl::unexpected(key.error());
  auto written = key_of_type(*key);
  if (!written) return written;
  if (!written->certificate_matches) {
    return fault("go-jose/go-jose: invalid JWK, public keys in key and x5c fields do not match");
  }
  std::string url;
  if (const std::string& given = key->text("x5u"); !given.empty()) {
    const auto parsed = go_url::parse(given);
    if (!parsed) return fault("go-jose/go-jose: invalid JWK, x5u header is invalid URL: " + parsed.error());
    url = parsed->text();
  }
  const auto sha1_print = thumbprint(*key, "x5t", 20, dialect);
  if (!sha1_print) return tl::unexpected(sha1_print.error());
  const auto sha256_print = thumbprint(*key, "x5t#S256", 32, dialect);
  if (!sha256_print) return tl::unexpected(sha256_print.error());
  if (!key->certificates.empty()) {
    const std::string& leaf = key->certificates[0];
    if ((!sha1_print->empty() && *sha1_print != sha1(leaf)) ||
        (!sha256_print->empty() && *sha256_print != sha256(leaf))) {
      return fault("go-jose/go-jose: invalid JWK, x5c thumbprint does not match");
    }
  }
  json = as_json(*key, *written, url, *sha1_print, *sha256_print);
  return written;
}

}  // namespace

tl::expected<KeySet, std::string> read_key_set(std::string_view value, const Dialect& dialect) {
  KeySet set;
  set.json = "{}";
  for (const auto& member : go_json::members(value)) {
    if (!go_json::names_field(member.name, "keys")) continue;
    set.present = true;
    const Kind kind = go_json::kind_of(member.value);
    set.unreadable = false;
    set.invalid = false;
    if (kind == Kind::null) {
      set.json = R"({"keys":null})";
      continue;
    }
    if (kind != Kind::array) {
      set.type_fault =
          "json: cannot unmarshal " + std::string(go_json::type_word(kind)) +
          " into Go struct field JoseJSONWebKeySet.jwks.JSONWebKeySet.keys of type []jose.JSONWebKey";
      continue;
    }
    set.json = R"({"keys":[)";
    for (const auto element : go_json::elements(member.value)) {
      std::string json;
      const auto key = read_key(element, dialect, json);
      if (!key) return tl::unexpected(key.error());
      set.unreadable = set.unreadable || key->unreadable;
      set.invalid = set.invalid || key->invalid;
      if (!set.json.ends_with('[')) set.json += ',';
      set.json += json;
    }
    set.json += "]}";
  }
  return set;
}

}  // namespace sandbox
