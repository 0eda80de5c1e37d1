#include "manifest/fault.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "client/hex.h"

namespace hydra_clients::manifest {
namespace {

void appendEscaped(std::string& line, char byte) {
  line += "\\x";
  appendHex(line, byte);
}

/// A file's name may hold anything; a line of output stays one line and sends a terminal no commands, neither
/// by the control characters of ASCII nor by those of Unicode's second block (U+0080 to U+009F).
void appendPrintable(std::string& line, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      appendEscaped(line, text[i]);
      appendEscaped(line, text[i + 1]);
      ++i;
    } else if (byte < 0x20 || byte == 0x7F) {
      appendEscaped(line, text[i]);
    } else {
      line.push_back(text[i]);
    }
  }
}

}  // namespace

std::string formatPlace(const Location& where) {
  std::string text;
  appendPrintable(text, where.path);
  if (where.line > 0) text += ':' + std::to_string(where.line) + ':' + std::to_string(where.column);
  return text;
}

std::string formatMessage(const Fault& fault) {
  std::string text;
  appendPrintable(text, fault.message);
  if (!fault.hint.empty()) {
    text += "; ";
    appendPrintable(text, fault.hint);
  }
  if (!fault.where.pointer.empty()) {
    text += " (";
    appendPrintable(text, fault.where.pointer);
    text += ')';
  }
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
      .add("path", text(fault.where.path))
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
