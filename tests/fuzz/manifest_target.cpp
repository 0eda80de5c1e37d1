// From bytes to a set of manifests, with the schema and every rule, as several Hydras judge.

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "client/json.h"
#include "client/post_body.h"
#include "client/secret.h"
#include "manifest/rules/rule.h"
#include "manifest/set_reader.h"
#include "memory_bound.h"
#include "property.h"

namespace hydra_clients::fuzz {
namespace {

using manifest::Fault;
using manifest::ManifestSet;
using manifest::ReadingOptions;
using manifest::Severity;

/// The dearest bytes are "0,": each pair is an element with a fault of its own, which names the file, the
/// place, the rule, what is wrong and what to do.
constexpr std::size_t kMemoryMultiple = 1200;
/// A client with an unknown field costs 120 KB however small it is (measured).
constexpr std::size_t kFixedBytes = 256 << 10;
constexpr std::array kVersions = std::to_array<HydraVersion>({{1, 11, 10}, {2, 1, 2}, {2, 3, 0}, {26, 2, 0}});
/// Shorter ones may stand in a message by chance.
constexpr std::size_t kShortestSecret = 8;

ManifestSet read(std::string_view text, const ReadingOptions& options) {
  const MemoryBound bound(text.size(), kMemoryMultiple, kFixedBytes);
  return manifest::readText("a.json", text, options);
}

std::vector<std::string> formatted(const std::vector<Fault>& faults) {
  std::vector<std::string> lines;
  lines.reserve(faults.size());
  for (const Fault& fault : faults) lines.push_back(format(fault));
  return lines;
}

std::size_t linesOf(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
}

void requireFault(const Fault& fault, std::string_view text) {
  require(manifest::findRule(fault.rule) != nullptr, "a fault's rule stands in the catalogue", fault.rule);
  require(!fault.message.empty(), "a fault says what is wrong", fault.rule);
  const std::string line = format(fault);
  require(isOneLine(line), "a fault is one line that can be shown", line);
  require(fault.where.path == "a.json", "a fault names its file");
  require(fault.where.line <= linesOf(text), "a fault's line is one of the file's");
  require(fault.where.column <= text.size() + 1, "a fault's column is one of the file's");
}

bool hasError(const std::vector<Fault>& faults) {
  return std::ranges::any_of(faults, [](const Fault& fault) { return fault.severity == Severity::kError; });
}

void requireOrder(const ManifestSet& set, bool forImport) {
  std::set<ClientId> ids;
  for (const manifest::ManifestPtr& one : set.manifests) {
    require(forImport || !one->id.empty(), "a manifest has an id");
    require(one->id.empty() || ids.insert(one->id).second, "an id stands in one manifest alone", one->id);
  }
  const auto less = [](const auto& one, const auto& other) { return one->id < other->id; };
  require(forImport || std::ranges::is_sorted(set.manifests, less), "manifests are sorted by id");
  for (const manifest::DuplicateId& duplicate : set.duplicates) {
    require(duplicate.places.size() > 1, "a duplicate stands in several places");
    require(ids.insert(duplicate.id).second, "a duplicate is in no other list", duplicate.id);
  }
  for (const manifest::InvalidManifest& invalid : set.invalid) {
    require(hasError(invalid.faults), "what is invalid has an error");
    require(!invalid.id || ids.insert(*invalid.id).second, "an invalid client is in no other list");
  }
}

void requireFaults(const ManifestSet& set, std::string_view text) {
  const std::vector<Fault> faults = set.allFaults();
  for (const Fault& fault : faults) requireFault(fault, text);
  require(set.faultless() != hasError(faults), "a set without errors is faultless");
  require(!hasError(set.warnings), "a valid manifest has warnings alone");
}

/// What is sent is what was declared, and would be valid again.
void requireSendable(const manifest::Manifest& one, const ReadingOptions& options) {
  const auto fields = json::parse(one.fields);
  require(fields.has_value() && fields->isObject(), "what is sent is a JSON object", one.fields);
  require(DeclaredFields(CanonicalFields::of(*fields), options.hydra) == one.declared,
          "what is sent is what was declared");
  require(one.differingFrom(*fields, options.hydra).empty(), "what is sent is in sync");
  PostBodyParts parts{.fields = one.fields};
  if (!one.id.empty()) parts.id = one.id;
  static const Secret referenced{"what the reference leads to"};
  if (const auto* const stated = std::get_if<StatedSecret>(&one.secret)) parts.secret = stated->secret.get();
  if (std::holds_alternative<SecretReference>(one.secret)) parts.secret = &referenced;
  if (one.canBeStamped && std::holds_alternative<GeneratedSecret>(one.secret)) parts.stamp = "revision";
  const SharedSecret body = makePostBody(parts);
  const std::string sent(body->reveal(Purpose::kPostBody));
  require(json::parse(sent).has_value(), "a request's body is JSON", sent);
  parts.stamp.reset();
  const ManifestSet again =
      manifest::readText("b.json", makePostBody(parts)->reveal(Purpose::kPostBody), options);
  require(again.manifests.size() == 1, "what is sent of a valid manifest is valid",
          again.invalid.empty() ? sent : format(again.invalid.front().faults.front()));
}

void requireStricter(std::string_view text, const ManifestSet& set, ReadingOptions options) {
  options.severities.makeStrict();
  const ManifestSet strict = read(text, options);
  require(strict.manifests.size() <= set.manifests.size(), "strictness makes nothing valid");
  require(strict.warnings.empty(), "strictness leaves no warning");
  // More: a file with broken syntax shows its invalid clients' faults, and of valid ones none of the
  // warnings.
  require(strict.allFaults().size() >= set.allFaults().size(), "strictness hides nothing");
}

/// Where each client's secret stands in a text that can be read.
std::vector<std::string_view> secretsIn(std::string_view text) {
  std::vector<std::string_view> secrets;
  const auto visit = [&](json::Element&& element) {
    const json::Value* const secret = element.value.find("client_secret");
    if (secret == nullptr || !secret->isString() || secret->text.size() < kShortestSecret) return;
    const std::string_view inside = text.substr(secret->begin + 1, secret->end - secret->begin - 2);
    if (inside == secret->text) secrets.push_back(inside);
  };
  (void)json::readElements(text, {}, json::Strictness::kManifest, visit);
  return secrets;
}

/// A message that shows the secret changes with it; one that only happens to hold the same words does not.
void requireSecrecy(std::string_view text, const std::vector<std::string>& lines,
                    const ReadingOptions& options) {
  for (const std::string_view secret : secretsIn(text)) {
    const auto shows = [&](const std::string& line) { return line.find(secret) != std::string::npos; };
    if (std::ranges::none_of(lines, shows)) continue;
    const auto at = static_cast<std::size_t>(secret.data() - text.data());
    std::string other(text);
    std::ranges::transform(secret, other.begin() + static_cast<std::ptrdiff_t>(at), [](char c) {
      const bool isDigit = c >= '0' && c <= '9';
      const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (isDigit) return c == '9' ? '0' : static_cast<char>(c + 1);
      return isLetter ? (c == 'z' ? 'y' : c == 'Z' ? 'Y' : static_cast<char>(c + 1)) : c;
    });
    const auto shown = std::ranges::find_if(lines, shows);
    const auto others = formatted(manifest::readText("a.json", other, options).allFaults());
    require(std::ranges::find(others, *shown) != others.end(), "no message shows a secret", *shown);
  }
}

void judge(std::string_view text, const ReadingOptions& options) {
  const ManifestSet set = read(text, options);
  requireOrder(set, options.forImport);
  requireFaults(set, text);
  const std::vector<std::string> lines = formatted(set.allFaults());
  require(lines == formatted(read(text, options).allFaults()), "the verdict is the same each time");
  requireSecrecy(text, lines, options);
  if (options.forImport) return;
  for (const manifest::ManifestPtr& one : set.manifests) requireSendable(*one, options);
  requireStricter(text, set, options);
}

void run(std::string_view text) {
  for (const HydraVersion& version : kVersions) {
    ReadingOptions options;
    options.hydra = version;
    judge(text, options);
  }
  ReadingOptions forImport;
  forImport.forImport = true;
  judge(text, forImport);
}

}  // namespace
}  // namespace hydra_clients::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  // The schema is read once, whatever the input.
  [[maybe_unused]] static const auto shipped = hydra_clients::manifest::readText("a.json", "{}", {});
  hydra_clients::fuzz::run(hydra_clients::fuzz::asText(bytes, size));
  return 0;
}
