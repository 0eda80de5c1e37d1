#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "client/edit_distance.h"
#include "client/utf8.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::manifest {
namespace {

constexpr HydraVersion kV2_0{2, 0, 0};
constexpr HydraVersion kV25{25, 0, 0};

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t nameLength(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, isNameCharacter) - text.begin());
}

/// `${NAME}`, with what a shell may say of it after the name, and `{{ … }}`: anywhere in the text.
bool holdsTemplate(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    const std::string_view inside = text.substr(at + 2);
    const std::size_t name = nameLength(inside);
    if (name > 0 && name < inside.size() &&
        (inside[name] == '}' || inside[name] == ':' || inside[name] == '-') &&
        inside.find('}') != std::string_view::npos) {
      return true;
    }
  }
  const std::size_t open = text.find("{{");
  return open != std::string_view::npos && text.find("}}", open) != std::string_view::npos;
}

/// `$NAME` in capitals and `<a placeholder>`: the whole text, since a secret may hold either character.
bool isTemplate(std::string_view text) {
  if (text.size() > 2 && text.starts_with('<') && text.ends_with('>')) return true;
  const bool capitals = std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  return text.size() > 2 && text[0] == '$' && capitals && nameLength(text.substr(1)) == text.size() - 1;
}

// 16 of 92 public documents hold such a text, 12 of them where Hydra takes it as it stands.
void checkTemplates(const RuleContext& context) {
  for (const std::string_view name : {"client_id", "client_secret", "scope"}) {
    const std::string_view text = context.text(name);
    if (!isUnexpanded(text)) continue;
    context.reportField(
        "unexpanded-variable", name,
        "holds a variable or a placeholder that nobody has filled in: Hydra would take it as it stands",
        name == "client_secret" ? "name where the secret is with client_secret_from"
                                : "fill it in before the manifest is read");
  }
}

void checkScopeSeparator(const RuleContext& context) {
  if (context.text("scope").find(',') == std::string_view::npos) return;
  context.reportField("scope-comma", "scope", "has a comma: Hydra takes it as part of a scope's name",
                      "separate scopes by a space (RFC 6749, 3.3)");
}

/// Words of a list that are none of those known.
void checkWords(const RuleContext& context, std::string_view rule, std::string_view field,
                std::span<const std::string_view> known, const std::string& words) {
  const json::Value* const list = context.client.find(field);
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const json::Value& item = list->items[i];
    if (!item.isString() || std::ranges::find(known, item.text) != known.end()) continue;
    const auto near = nearest(item.text, known);
    context.report(rule, json::pointerTo("/" + std::string(field), i), item, words,
                   near ? "did you mean " + json::quote(*near) + "?" : "");
  }
}

// Hydra stores any text; what it can serve is in fosite's and its own handlers.
void checkGrants(const RuleContext& context) {
  constexpr std::array<std::string_view, 6> kGrants = {"authorization_code",
                                                       "client_credentials",
                                                       "implicit",
                                                       "refresh_token",
                                                       "urn:ietf:params:oauth:grant-type:jwt-bearer",
                                                       "urn:ietf:params:oauth:grant-type:device_code"};
  const std::size_t known =
      context.hydra < kV25 ? kGrants.size() - 1 : kGrants.size();  // device_code came with v25
  checkWords(
      context, "unknown-grant-type", "grant_types", std::span(kGrants).first(known),
      "this Hydra can serve authorization_code, client_credentials, implicit, refresh_token and the URN of "
      "jwt-bearer (and, from v25 on, of device_code)");
}

/// The width of a column on PostgreSQL, MySQL and CockroachDB (Hydra's migration 20230908104443).
struct Column {
  std::string_view field;
  std::size_t characters;
};

std::size_t charactersIn(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !isUtf8Continuation(c); }));
}

void checkWidths(const RuleContext& context) {
  constexpr std::array<Column, 7> kColumns = {{{"access_token_strategy", 10},
                                               {"client_id", 255},
                                               {"request_object_signing_alg", 10},
                                               {"subject_type", 15},
                                               {"token_endpoint_auth_method", 25},
                                               {"token_endpoint_auth_signing_alg", 10},
                                               {"userinfo_signed_response_alg", 10}}};
  for (const Column& column : kColumns) {
    if (charactersIn(context.text(column.field)) <= column.characters) continue;
    context.reportField("column-width", column.field,
                        "has more than the " + std::to_string(column.characters) +
                            " characters that Hydra has room for: it answers 500 (SQLite aside)");
  }
}

void checkId(const RuleContext& context) {
  const std::string_view id = context.text("client_id");
  const bool hasNoUrl = id.find('/') != std::string_view::npos || id == "." || id == "..";
  if (!hasNoUrl || context.hydra >= kV25) return;
  context.reportField(
      "client-id-without-url", "client_id",
      "cannot be named in a URL of Hydra before v25: such a client can be made, and never be read, "
      "changed or deleted by its id");
}

void checkOldSecrets(const RuleContext& context) {
  constexpr std::size_t kBcryptBytes = 72;
  if (context.hydra >= kV2_0 || context.text("client_secret").size() <= kBcryptBytes) return;
  context.reportField(
      "secret-too-long", "client_secret",
      "has more than 72 bytes: Hydra v1 (bcrypt) ignores the rest, and Hydra v2 no longer takes the client's "
      "secret after an upgrade");
}

void checkSubject(const RuleContext& context) {
  if (context.text("subject_type") != "pairwise") return;
  context.reportField(
      "subject-type-pairwise", "subject_type",
      "is taken only by a Hydra whose oidc.subject_identifiers.supported_types holds pairwise");
}

}  // namespace

bool isUnexpanded(std::string_view text) { return holdsTemplate(text) || isTemplate(text); }

// What Hydra takes without a word, or only as it is set up, and no author can have meant.
void checkMistakes(const RuleContext& context) {
  checkTemplates(context);
  checkScopeSeparator(context);
  checkGrants(context);
  checkWidths(context);
  checkId(context);
  checkOldSecrets(context);
  checkSubject(context);
}

}  // namespace hydra_clients::manifest
