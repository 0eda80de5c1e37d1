#include "manifest/fault.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "client/one_line.h"

namespace hydra_clients::manifest {
std::string formatPlace(const Location& where) {
  std::string text = onOneLine(where.path);
  if (where.line > 0) text += ':' + std::to_string(where.line) + ':' + std::to_string(where.column);
  return text;
}

std::string formatMessage(const Fault& fault) {
  std::string text = onOneLine(fault.message);
  if (!fault.hint.empty()) text += "; " + onOneLine(fault.hint);
  if (!fault.where.pointer.empty()) text += " (" + onOneLine(fault.where.pointer) + ")";
  return text + " [" + fault.rule + ']';
}

std::string format(const Fault& fault) {
  return formatPlace(fault.where) + ": " + std::string(nameOf(fault.severity)) + ": " + formatMessage(fault);
}

json::Value toJson(const Fault& fault) {
  using json::Value;
  const auto text = [](std::string_view value) { return Value::string(std::string(value)); };
  const auto number = [](std::size_t value) { return Value::number(static_cast<std::int64_t>(value)); };
  return Value::object()
      .add("rule", text(fault.rule))
      .add("severity", text(nameOf(fault.severity)))
      .add("path", text(fault.where.path.text()))
      .add("line", number(fault.where.line))
      .add("column", number(fault.where.column))
      .add("pointer", text(fault.where.pointer))
      .add("message", text(fault.message))
      .add("hint", fault.hint.empty() ? Value{} : text(fault.hint));
}

void sortByPlace(std::vector<Fault>& faults) {
  std::ranges::stable_sort(
      faults, {}, [](const Fault& fault) { return std::tie(fault.where, fault.rule, fault.message); });
}

}  // namespace hydra_clients::manifest
