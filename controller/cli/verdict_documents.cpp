#include <ostream>
#include <unordered_map>

#include "cli/build_info.h"
#include "cli/verdict.h"
#include "client/client_id.h"
#include "client/json.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::cli {
namespace {

using json::Value;
using manifest::Fault;
using manifest::Severity;

Value text(std::string_view value) { return Value::string(std::string(value)); }
Value number(std::size_t value) { return Value::number(static_cast<std::int64_t>(value)); }

Value message(std::string_view words) { return Value::object().add("text", text(words)); }

/// A path as a URI reference (RFC 3986): percent-encoded segment by segment; an absolute one with its scheme.
std::string uriOf(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    uri += percentEncode(path.substr(0, slash));
    if (slash < path.size()) uri += '/';
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return uri;
}

Value locationOf(const manifest::Location& where) {
  Value physical =
      Value::object().add("artifactLocation", Value::object().add("uri", Value::string(uriOf(where.path))));
  if (where.line > 0) {
    physical.add(
        "region",
        Value::object().add("startLine", number(where.line)).add("startColumn", number(where.column)));
  }
  Value location = Value::object().add("physicalLocation", std::move(physical));
  if (!where.pointer.empty()) {
    location.add("logicalLocations",
                 Value::array().append(Value::object().add("fullyQualifiedName", text(where.pointer))));
  }
  return location;
}

Value sarifRules(std::unordered_map<std::string_view, std::size_t>& indexOf) {
  Value rules = Value::array();
  for (const manifest::RuleInfo& rule : manifest::allRules()) {
    indexOf.emplace(rule.name, indexOf.size());
    rules.append(Value::object()
                     .add("id", text(rule.name))
                     .add("shortDescription", message(rule.what))
                     .add("help", message(rule.why))
                     .add("defaultConfiguration",
                          Value::object().add("level", text(manifest::nameOf(rule.severity)))));
  }
  return rules;
}

Value sarifResults(const Verdict& verdict, const std::unordered_map<std::string_view, std::size_t>& indexOf) {
  Value results = Value::array();
  for (const Fault& fault : verdict.faults) {
    Value result = Value::object().add("ruleId", text(fault.rule));
    if (const auto index = indexOf.find(fault.rule); index != indexOf.end()) {
      result.add("ruleIndex", number(index->second));
    }
    result.add("level", text(manifest::nameOf(fault.severity)))
        .add("message", message(fault.hint.empty() ? fault.message : fault.message + "; " + fault.hint))
        .add("locations", Value::array().append(locationOf(fault.where)));
    results.append(std::move(result));
  }
  return results;
}

/// How the run itself went: paths that could not be read are no faults of a file.
Value sarifInvocation(const Verdict& verdict) {
  Value notifications = Value::array();
  for (const std::string& words : verdict.unreadable) {
    notifications.append(Value::object().add("level", text("error")).add("message", message(words)));
  }
  return Value::object()
      .add("executionSuccessful", Value::truth(verdict.unreadable.empty()))
      .add("toolExecutionNotifications", std::move(notifications));
}

}  // namespace

void printJson(std::ostream& out, const Verdict& verdict) {
  Value faults = Value::array();
  for (const Fault& fault : verdict.faults) faults.append(manifest::toJson(fault));
  Value unreadable = Value::array();
  for (const std::string& words : verdict.unreadable) unreadable.append(text(words));
  const Value document = Value::object()
                             .add("version", Value::number(1))
                             .add("command", text("validate"))
                             .add("result", text(verdict.good() ? "valid" : "invalid"))
                             .add("files", number(verdict.files))
                             .add("clients", number(verdict.clients))
                             .add("errors", number(verdict.count(Severity::kError)))
                             .add("warnings", number(verdict.count(Severity::kWarning)))
                             .add("faults", std::move(faults))
                             .add("unreadable", std::move(unreadable));
  out << json::writePretty(document) << "\n";
}

void printSarif(std::ostream& out, const Verdict& verdict) {
  std::unordered_map<std::string_view, std::size_t> indexOf;
  Value driver = Value::object()
                     .add("name", text("hydra-clients"))
                     .add("version", text(kVersion))
                     .add("rules", sarifRules(indexOf));
  Value run = Value::object()
                  .add("tool", Value::object().add("driver", std::move(driver)))
                  .add("columnKind", text("unicodeCodePoints"))
                  .add("invocations", Value::array().append(sarifInvocation(verdict)))
                  .add("results", sarifResults(verdict, indexOf));
  const Value document = Value::object()
                             .add("$schema", text("https://json.schemastore.org/sarif-2.1.0.json"))
                             .add("version", text("2.1.0"))
                             .add("runs", Value::array().append(std::move(run)));
  out << json::writePretty(document) << "\n";
}

}  // namespace hydra_clients::cli
