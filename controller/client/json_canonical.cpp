#include <algorithm>
#include <charconv>

#include "client/json.h"

namespace hydra_clients::json {
namespace {

/// Sorted by name; of a repeated name the last one, which is what Hydra's readers see.
std::vector<const Member*> sortedMembers(const Value& object) {
  std::vector<const Member*> sorted;
  sorted.reserve(object.members.size());
  for (const Member& member : object.members) sorted.push_back(&member);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Member* a, const Member* b) { return a->name < b->name; });
  std::vector<const Member*> unique;
  unique.reserve(sorted.size());
  for (const Member* member : sorted) {
    if (!unique.empty() && unique.back()->name == member->name) {
      unique.back() = member;
    } else {
      unique.push_back(member);
    }
  }
  return unique;
}

void appendCanonical(std::string& out, const Value& value) {
  switch (value.kind) {
    case Kind::kNumber:
      out += canonicalNumber(value.text);
      return;
    case Kind::kArray: {
      out += '[';
      for (const Value& item : value.items) {
        if (&item != &value.items.front()) out += ',';
        appendCanonical(out, item);
      }
      out += ']';
      return;
    }
    case Kind::kObject: {
      out += '{';
      bool first = true;
      for (const Member* member : sortedMembers(value)) {
        if (!first) out += ',';
        first = false;
        out += quote(member->name);
        out += ':';
        appendCanonical(out, member->value);
      }
      out += '}';
      return;
    }
    default:
      out += write(value);
  }
}

/// A power of ten as written in a number; saturates, since no two numbers that far apart can be told by it.
long long exponentOf(std::string_view digits) {
  constexpr long long kFar = 1'000'000'000'000'000;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  long long exponent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (error == std::errc::result_out_of_range) return digits.starts_with('-') ? -kFar : kFar;
  return std::clamp(exponent, -kFar, kFar);
}

}  // namespace

std::string canonical(const Value& value) {
  std::string out;
  appendCanonical(out, value);
  return out;
}

std::string canonicalNumber(std::string_view written) {
  const bool negative = written.starts_with('-');
  if (negative) written.remove_prefix(1);
  long long exponent = 0;
  if (const auto e = written.find_first_of("eE"); e != std::string_view::npos) {
    exponent = exponentOf(written.substr(e + 1));
    written = written.substr(0, e);
  }
  std::string digits(written);
  if (const auto point = digits.find('.'); point != std::string::npos) {
    exponent -= static_cast<long long>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return "0";
  const std::size_t last = digits.find_last_not_of('0');
  exponent += static_cast<long long>(digits.size() - last - 1);
  digits.erase(last + 1);
  std::string result = negative ? "-" + digits : digits;
  if (exponent != 0) result += "e" + std::to_string(exponent);
  return result;
}

}  // namespace hydra_clients::json
