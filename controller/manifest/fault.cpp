#include "manifest/fault.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace hydra_clients::manifest {
namespace {

/// A file's name may hold anything; a line of output stays one line and sends a terminal no commands.
void appendPrintable(std::string& line, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      line.push_back(c);
    } else {
      line.append("\\x").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0xFU]);
    }
  }
}

}  // namespace

std::string format(const Fault& fault) {
  std::string line;
  appendPrintable(line, fault.where.path);
  if (fault.where.line > 0) {
    line += ':' + std::to_string(fault.where.line) + ':' + std::to_string(fault.where.column);
  }
  line += fault.severity == Severity::kError ? ": error: " : ": warning: ";
  appendPrintable(line, fault.message);
  if (!fault.hint.empty()) {
    line += "; ";
    appendPrintable(line, fault.hint);
  }
  if (!fault.where.pointer.empty()) {
    line += " (";
    appendPrintable(line, fault.where.pointer);
    line += ')';
  }
  return line + " [" + fault.rule + ']';
}

void sortByPlace(std::vector<Fault>& faults) {
  std::ranges::stable_sort(
      faults, {}, [](const Fault& fault) { return std::tie(fault.where, fault.rule, fault.message); });
}

}  // namespace hydra_clients::manifest
