#include "manifest/element_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "client/fields.h"
#include "manifest/rules/rule.h"
#include "manifest/schema.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kMostFaults = 1000;  // of one element that are listed
constexpr std::string_view kSecretField = "client_secret";

bool isReadOnly(std::string_view name) {
  const Field* const field = findField(name);
  return field != nullptr && field->type == FieldType::kReadOnly;
}

/// The checks of one element, in order; each adds to the findings.
class ElementCheck {
 public:
  ElementCheck(json::Element&& element, const SharedPath& path, PositionCursor& positions,
               const ReadingOptions& options)
      : client_(std::move(element.value)),
        path_(path),
        positions_(positions),
        options_(options),
        pointer_(element.inArray ? json::pointerTo("", element.index) : "") {
    const json::Position at = positions_.of(client_.begin);
    positions_.mark();
    from_ = {path_, at.line, at.column, pointer_};
    for (json::SyntaxFault& fault : element.faults) {
      tooLarge_ = tooLarge_ || fault.rule == "client-size";
      findings_.push_back(
          {std::move(fault.rule), fault.offset, std::move(fault.pointer), std::move(fault.message), {}});
    }
  }

  CheckedElement run() {
    if (!client_.isObject()) {
      add("not-a-client", client_.begin, "",
          "a client is a JSON object, not " + std::string(json::nameOf(client_.kind)));
    } else if (!tooLarge_ && !isWrapper()) {
      takeReadOnlyFields();
      checkSchemas();
      checkRules({client_, options_.hydra, options_.forImport, options_.secretsEnvPrefix,
                  options_.warnOfSecrets, findings_});
    }
    readId();
    CheckedElement checked = conclude();
    wipeSecret();
    return checked;
  }

 private:
  void add(std::string_view rule, std::size_t offset, std::string pointer, std::string message,
           std::string hint = {}) {
    findings_.push_back({std::string(rule), offset, std::move(pointer), std::move(message), std::move(hint)});
  }

  /// `{"clients": […]}` and the like: the one member that is no annotation holds clients and is no field of
  /// Hydra's. Found in four of 36 public files; Hydra makes one empty client of it.
  bool isWrapper() {
    const json::Member* only = nullptr;
    for (const json::Member& member : client_.members) {
      if (member.name.starts_with('$')) continue;
      if (only != nullptr) return false;
      only = &member;
    }
    if (only == nullptr || findField(only->name) != nullptr || only->name == kSecretFromKey) return false;
    const auto isObject = [](const json::Value& value) { return value.isObject(); };
    const bool holdsClients =
        only->value.isObject() || (only->value.isArray() && std::ranges::all_of(only->value.items, isObject));
    if (!holdsClients) return false;
    add("wrapper-object", only->nameBegin, json::pointerTo("", only->name),
        "this object holds clients instead of being one; Hydra would make one empty client of it",
        "a file holds one client, or an array of clients without anything around it");
    return true;
  }

  void takeReadOnlyFields() {
    std::erase_if(client_.members, [&](const json::Member& member) {
      if (!isReadOnly(member.name)) return false;
      add("read-only-field", member.nameBegin, json::pointerTo("", member.name),
          options_.forImport ? "only Hydra sets " + member.name + "; it is left out"
                             : "only Hydra sets " + member.name + "; it would be overwritten",
          options_.forImport ? "" : "leave it out");
      return true;
    });
  }

  void checkSchemas() {
    addSchemaFindings(Schema::shipped(), "");
    if (options_.extraSchema) addSchemaFindings(*options_.extraSchema, "asked by the schema of --schema");
  }

  void addSchemaFindings(const Schema& schema, std::string_view origin) {
    for (SchemaFinding& finding : schema.check(client_)) {
      if (!origin.empty()) finding.hint += (finding.hint.empty() ? "" : "; ") + std::string(origin);
      add(finding.rule, finding.offset, std::move(finding.pointer), std::move(finding.message),
          std::move(finding.hint));
    }
  }

  void readId() {
    const json::Value* const id = client_.find("client_id");
    if (id == nullptr || !id->isString() || id->text.empty()) return;
    id_ = id->text;
    idPosition_ = positions_.of(id->begin);
  }

  /// nullopt: the user has switched the rule off.
  std::optional<Fault> faultOf(Finding&& finding) {
    const json::Position at = positions_.of(finding.offset);
    Fault fault = makeFault(std::move(finding.rule), {path_, at.line, at.column, pointer_ + finding.pointer},
                            std::move(finding.message), std::move(finding.hint));
    if (fault.rule == "read-only-field" && options_.forImport) fault.severity = Severity::kWarning;
    const auto severity = options_.severities.of(fault.rule, fault.severity);
    if (!severity) return std::nullopt;
    fault.severity = *severity;
    return fault;
  }

  std::vector<Fault> faults() {
    if (findings_.empty()) return {};  // and nothing reserved: it is kept for as long as the manifest
    std::ranges::stable_sort(findings_, {}, &Finding::offset);
    const bool tooMany = findings_.size() > kMostFaults;
    if (tooMany) findings_.resize(kMostFaults);
    std::vector<Fault> result;
    result.reserve(findings_.size() + 1);
    for (Finding& finding : findings_) {
      if (auto fault = faultOf(std::move(finding))) result.push_back(std::move(*fault));
    }
    if (tooMany) {
      result.push_back(makeFault(
          "too-many-faults", from_,
          "this client has more faults than the " + std::to_string(kMostFaults) + " that are listed"));
    }
    return result;
  }

  CheckedElement conclude() {
    std::vector<Fault> found = faults();
    const bool isValid =
        std::ranges::none_of(found, [](const Fault& fault) { return fault.severity == Severity::kError; });
    if (!isValid) {
      return {std::make_shared<const InvalidManifest>(
                  InvalidManifest{id_, from_, idPosition_.line, idPosition_.column, std::move(found)}),
              {}};
    }
    return {std::make_shared<const Manifest>(manifest()), std::move(found)};
  }

  Manifest manifest() {
    Manifest made;
    made.id = id_.value_or("");
    made.from = from_;
    made.idLine = idPosition_.line;
    made.idColumn = idPosition_.column;
    if (options_.verdictOnly) return made;
    made.declared = DeclaredFields(CanonicalFields::of(client_), options_.hydra);
    const json::Value* const metadata = client_.find("metadata");
    made.canBeStamped = metadata == nullptr || metadata->isNull() || metadata->isObject();
    made.secret = secretSource();
    std::erase_if(client_.members, [](const json::Member& member) {
      return member.name == "client_id" || member.name == kSecretField || member.name == kSchemaKey ||
             member.name == kCommentKey || member.name == kSecretFromKey;
    });
    made.fields = json::write(client_);
    made.fields.shrink_to_fit();  // kept for as long as the file does not change
    return made;
  }

  SecretSource secretSource() {
    if (const json::Value* const from = client_.find(kSecretFromKey)) return referenceOf(*from);
    for (json::Member& member : client_.members) {
      if (member.name != kSecretField || member.value.text.empty()) continue;
      return StatedSecret{std::make_shared<const Secret>(std::move(member.value.text))};
    }
    if (needsGeneratedSecret(client_)) return GeneratedSecret{};
    return NoSecret{};
  }

  static SecretReference referenceOf(const json::Value& from) {
    const json::Member& only = from.members.front();  // the schema asks for exactly one
    const auto kind = only.name == "file"  ? SecretReference::Kind::kFile
                      : only.name == "env" ? SecretReference::Kind::kEnvironment
                                           : SecretReference::Kind::kPgp;
    return {kind, only.value.text};
  }

  void wipeSecret() {
    for (json::Member& member : client_.members) {
      if (member.name == kSecretField) wipe(member.value.text);
    }
  }

  json::Value client_;
  const SharedPath& path_;
  PositionCursor& positions_;
  const ReadingOptions& options_;
  const std::string pointer_;
  Location from_;
  bool tooLarge_ = false;
  std::optional<ClientId> id_;
  json::Position idPosition_{0, 0};
  std::vector<Finding> findings_;
};

}  // namespace

CheckedElement checkElement(json::Element&& element, const SharedPath& path, PositionCursor& positions,
                            const ReadingOptions& options) {
  return ElementCheck(std::move(element), path, positions, options).run();
}

Fault makeFault(std::string rule, Location where, std::string message, std::string hint) {
  const RuleInfo* const info = findRule(rule);
  const Severity severity = info != nullptr ? info->severity : Severity::kError;
  return {std::move(rule), severity, std::move(where), std::move(message), std::move(hint)};
}

}  // namespace hydra_clients::manifest
