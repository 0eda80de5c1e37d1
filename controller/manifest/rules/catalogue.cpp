#include <algorithm>
#include <array>

#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;

constexpr std::array kRules = std::to_array<RuleInfo>({
    {"access-token-strategy", kError, "access_token_strategy is neither jwt nor opaque",
     "Hydra 2.1 and newer answers 400 (client/validator.go)."},
    {"client-id-case", kWarning, "two client_ids differ only in case",
     "Two clients for Hydra, one for a database that compares without case, as MySQL does by default, and "
     "for "
     "many a reader."},
    {"client-id-characters", kWarning, "a client_id holds a character that is no printable one of ASCII",
     "RFC 6749, A.1. Hydra takes it; letters of other scripts, accents of two spellings and characters that "
     "nobody sees make two clients look like one."},
    {"client-id-missing", kError, "a client has no client_id",
     "Hydra makes up an id for it, so a control loop would create a new client every cycle."},
    {"client-id-without-url", kWarning, "a client_id holds a slash, or is . or ..",
     "Before v25 no URL of Hydra can name such a client: it is in the list alone."},
    {"client-size", kError, "one client object takes more bytes than allowed", "A limit of this program."},
    {"column-width", kError, "a text is longer than Hydra's database has room for",
     "PostgreSQL, MySQL and CockroachDB refuse it, and Hydra answers 500; SQLite takes it."},
    {"cors-origin", kError,
     "an allowed_cors_origins entry is no origin: scheme http or https, host, perhaps a port",
     "Hydra answers 400 (client/validator.go)."},
    {"duplicate-client-id", kError, "a client_id stands in more than one manifest, valid or not",
     "Which of them is meant cannot be known, so none is imported."},
    {"duration", kError, "a lifespan is no Go duration",
     "Hydra cannot decode the client: 400, before 2.2 even 500."},
    {"file-empty", kError, "a file holds nothing", "A manifest holds one client or an array of clients."},
    {"file-size", kError, "a file is larger than allowed",
     "A limit of this program; such a file is not read."},
    {"file-unreadable", kError, "a file cannot be read", "Permissions, or an error of the file system."},
    {"file-yaml", kWarning, "a folder of manifests holds *.yaml or *.yml files",
     "Only *.json is read: a client that stands in YAML is not declared."},
    {"git-lfs-pointer", kError, "a file in a commit is a pointer of Git LFS",
     "Its content stands in another place, which is not read: clients belong into the repository itself."},
    {"git-submodule", kWarning, "a commit holds a submodule below the folder of manifests",
     "A submodule is another repository: what is in it is not declared."},
    {"json-duplicate-key", kError, "an object holds one name twice, outside metadata compared without case",
     "Hydra keeps the last one; a reviewer may see the first."},
    {"json-encoding", kError, "a file is not UTF-8, or begins with a byte order mark",
     "Hydra refuses it (RFC 8259, 8.1)."},
    {"json-nesting", kError, "arrays and objects are nested deeper than allowed", "A limit of this program."},
    {"json-nul", kError, "a file or a string holds a NUL",
     "No field of a client can; usually the file is binary."},
    {"json-number", kError, "a number is too large for a double (about 1.8e308)",
     "Hydra keeps it in metadata as it is, and most readers of the client cannot read it."},
    {"json-string-length", kError, "a string is longer than allowed", "A limit of this program."},
    {"json-surrogate", kError, "a string holds half of a surrogate pair",
     "Hydra would store another character."},
    {"json-syntax", kError, "a file is no JSON", "RFC 8259: no comments, no comma after the last element."},
    {"json-web-key", kError, "a key of jwks is none that Hydra takes, or keeps as it is",
     "Hydra answers 400, before 2.2 even 500; of some keys it keeps another form, and before 2.2 some end "
     "every "
     "list that holds them (go-jose)."},
    {"jwks-and-jwks-uri", kError, "jwks and jwks_uri are both set",
     "Hydra answers 400 (client/validator.go)."},
    {"jwks-private-key", kWarning, "a key of jwks holds its private part",
     "Hydra checks signatures by public keys; it stores the private part and shows it in every answer."},
    {"jwks-without-keys", kError, "jwks has members but no \"keys\"",
     "Hydra takes it and stores an empty key set; usually a bare key was meant as a set of one."},
    {"length", kError, "a string is shorter or longer than a schema asks", "A schema of the user's own."},
    {"link-broken", kError, "a symbolic link leads nowhere",
     "What it should show is missing from the manifests."},
    {"link-leaves-root", kError, "a symbolic link leads out of the folder of manifests",
     "A manifest's author may not make the controller read other files."},
    {"link-loop", kError, "a symbolic link leads back to a folder that holds it",
     "It would be read without end."},
    {"list-separator", kError,
     "an element of a list holds a |, or a \\ at its end, that Hydra v1 cannot keep",
     "Hydra v1 stores lists joined by |. Before v1.11 it escapes nothing; v1.11 loses || and \\|, and what "
     "ends "
     "in either."},
    {"metadata-cannot-be-stamped", kError,
     "metadata is no object, and the client's secret is to be generated",
     "A generated secret is told from an earlier attempt's by a stamp in metadata.hydra_clients."},
    {"no-form-fits", kError, "a value fits none of the forms that a schema allows",
     "A schema of the user's own."},
    {"not-a-client", kError, "an element is no JSON object",
     "A manifest holds one client or an array of clients."},
    {"not-a-file", kError, "something named *.json is no file",
     "A folder, a pipe or a device holds no manifest."},
    {"not-allowed", kError, "a value is not one of those that are allowed",
     "Hydra answers 400 (client/validator.go), or a schema of the user's own asks for it."},
    {"page-uri", kError, "tos_uri, policy_uri, logo_uri or client_uri is no http or https address",
     "Hydra answers 400: tos_uri since 25.4, the others since 26.2 (client/validator.go)."},
    {"pattern", kError, "a string does not match a pattern", "A schema of the user's own."},
    {"post-logout-mismatch", kError,
     "a post_logout_redirect_uris entry shares scheme, host and port with none of redirect_uris",
     "Hydra answers 400 (client/validator.go)."},
    {"private-key-jwt-algorithm", kError,
     "with private_key_jwt, token_endpoint_auth_signing_alg is not RS, PS or ES",
     "Hydra answers 400 (client/validator.go)."},
    {"private-key-jwt-keys", kError, "with private_key_jwt, neither jwks nor jwks_uri is set",
     "Hydra answers 400 (client/validator.go)."},
    {"public-client-secret", kWarning, "a client with token_endpoint_auth_method none has a secret",
     "A public client never shows it; usually another method was meant."},
    {"range", kError, "a number is out of a schema's range", "A schema of the user's own."},
    {"read-only-field", kError, "a field is stated that only Hydra sets",
     "Hydra overwrites it. `import` drops it with a warning, since every dump of a client has them."},
    {"redirect-uri", kError, "a redirect_uris or post_logout_redirect_uris entry is not absolute",
     "Hydra answers 400: Go's url.ParseRequestURI refuses it."},
    {"redirect-uri-doubtful", kWarning, "a redirect_uris entry is taken by Hydra and can hardly be meant",
     "A wildcard, a missing scheme or host, http beyond this machine, javascript:, a port that no machine "
     "has, a character that nobody sees."},
    {"redirect-uri-fragment", kError, "a redirect_uris entry has a fragment (#)",
     "Hydra answers 400 (RFC 6749, 3.1.2)."},
    {"required-field", kError, "a member is missing",
     "The shipped schema asks for a key's kty; others are a user's own."},
    {"schema", kError, "a value does not fit a schema, and no other rule says it better",
     "A schema of the user's own."},
    {"scope-comma", kWarning, "scope holds a comma", "Scopes are separated by spaces (RFC 6749, 3.3)."},
    {"scope-default", kWarning, "scope is missing or empty",
     "Hydra stores its default, usually \"offline_access offline openid\": more than most clients need."},
    {"secret-file", kWarning, "client_secret_from.file leads out of any folder, or names a folder",
     "Files are read only below --secrets-root: the client would wait for ever."},
    {"secret-in-clear", kWarning, "client_secret is stated in the clear; checked by `validate` alone",
     "A repository is cloned, mirrored and kept for ever; docs/secrets.md shows what else there is. Where it "
     "is meant, for tests say, switch the rule off."},
    {"secret-missing", kWarning, "a client needs a secret and states none; checked by `validate` alone",
     "`run` lets such a client wait, unless it has a PGP recipient and an outbox for a secret of its own "
     "making; "
     "`import` makes one up and prints it. Where that is meant, switch the rule off."},
    {"secret-stated-twice", kError, "client_secret and client_secret_from are both stated",
     "Which of them is meant cannot be known."},
    {"secret-too-long", kWarning, "client_secret has more than 72 bytes, for Hydra v1",
     "bcrypt looks at the first 72 bytes only."},
    {"secret-too-short", kError, "client_secret has fewer than 6 bytes",
     "Hydra answers 400 (client/validator.go)."},
    {"secret-variable", kWarning,
     "client_secret_from.env does not begin with the prefix of --secrets-env-prefix",
     "Other variables are not read, so that a manifest cannot get at what its author may not see: the client "
     "would wait for ever."},
    {"sector-identifier-uri", kError,
     "sector_identifier_uri does not begin with https:", "Hydra answers 400 (client/validator.go)."},
    {"size", kError, "an array or object has fewer or more entries than a schema asks",
     "client_secret_from takes exactly one; others are a user's own."},
    {"subject-type-pairwise", kWarning, "subject_type is pairwise",
     "Hydra answers 400 unless its configuration supports it (oidc.subject_identifiers.supported_types)."},
    {"too-many-faults", kError, "one client has more faults than are listed", "A limit of this program."},
    {"too-many-manifests", kError, "there are more clients than allowed", "A limit of this program."},
    {"unexpanded-variable", kError,
     "client_id, client_secret or scope holds ${VAR}, $VAR, {{var}} or <placeholder>",
     "Hydra takes it as it stands; the client cannot have been meant so."},
    {"unknown-auth-method", kWarning, "token_endpoint_auth_method is none that Hydra can check",
     "Hydra stores any text there, and the client can then never authenticate."},
    {"unknown-field", kError, "a field is stated that no Hydra knows", "Hydra would drop it without a word."},
    {"unknown-grant-type", kWarning, "a grant type is none that Hydra can serve",
     "Hydra stores any text there; no token comes of it."},
    {"unknown-to-version", kWarning, "a field is stated that this version of Hydra does not know",
     "That Hydra drops it without a word."},
    {"wrapper-object", kError, "an object holds clients instead of being one",
     "Hydra would make one empty client of it, with an id of its own."},
    {"wrong-type", kError, "a value has the wrong JSON type",
     "Hydra cannot decode the client: 400, before 2.2 even 500."},
});
static_assert(std::ranges::is_sorted(kRules, {}, &RuleInfo::name));

/// The rest of the code relies on these: JSON, the schema's forms, one place for each id.
constexpr std::array kFixed = std::to_array<std::string_view>({"client-id-missing",
                                                               "client-size",
                                                               "duplicate-client-id",
                                                               "file-empty",
                                                               "file-size",
                                                               "file-unreadable",
                                                               "git-lfs-pointer",
                                                               "json-duplicate-key",
                                                               "json-encoding",
                                                               "json-nesting",
                                                               "json-nul",
                                                               "json-number",
                                                               "json-string-length",
                                                               "json-surrogate",
                                                               "json-syntax",
                                                               "length",
                                                               "link-broken",
                                                               "link-leaves-root",
                                                               "link-loop",
                                                               "metadata-cannot-be-stamped",
                                                               "no-form-fits",
                                                               "not-a-client",
                                                               "not-a-file",
                                                               "not-allowed",
                                                               "pattern",
                                                               "range",
                                                               "required-field",
                                                               "schema",
                                                               "secret-stated-twice",
                                                               "size",
                                                               "too-many-faults",
                                                               "too-many-manifests",
                                                               "wrapper-object",
                                                               "wrong-type"});
static_assert(std::ranges::is_sorted(kFixed));
static_assert(std::ranges::all_of(kFixed, [](std::string_view name) {
  return std::ranges::binary_search(kRules, name, {}, &RuleInfo::name);
}));

}  // namespace

std::span<const RuleInfo> allRules() { return kRules; }

bool isFixed(std::string_view name) { return std::ranges::binary_search(kFixed, name); }

const RuleInfo* findRule(std::string_view name) {
  const auto found = std::ranges::lower_bound(kRules, name, {}, &RuleInfo::name);
  return found != kRules.end() && found->name == name ? &*found : nullptr;
}

const json::Value* RuleContext::stated(std::string_view name) const {
  const json::Value* const value = client.find(name);
  return value != nullptr && !value->isNull() ? value : nullptr;
}

std::string_view RuleContext::text(std::string_view name) const {
  const json::Value* const value = client.find(name);
  return value != nullptr && value->isString() ? std::string_view(value->text) : std::string_view();
}

std::vector<const json::Value*> RuleContext::strings(std::string_view name) const {
  std::vector<const json::Value*> result;
  const json::Value* const value = client.find(name);
  if (value == nullptr) return result;
  for (const json::Value& item : value->items) {
    if (item.isString()) result.push_back(&item);
  }
  return result;
}

void RuleContext::report(std::string_view rule, std::string pointer, const json::Value& where,
                         std::string message, std::string hint) const {
  findings.push_back(
      {std::string(rule), where.begin, std::move(pointer), std::move(message), std::move(hint)});
}

void RuleContext::reportField(std::string_view rule, std::string_view name, std::string message,
                              std::string hint) const {
  const json::Value* const value = client.find(name);
  report(rule, json::pointerTo("", name), value != nullptr ? *value : client, std::move(message),
         std::move(hint));
}

void checkRules(const RuleContext& context) {
  checkIdentity(context);
  checkKeys(context);
  checkLists(context);
  checkMistakes(context);
  checkOrigins(context);
  checkRedirects(context);
  checkSecrets(context);
  checkValues(context);
  checkVersions(context);
}

}  // namespace hydra_clients::manifest
