#include "secrets/sealed_message.h"

#include <algorithm>
#include <optional>

#include "client/hex.h"
#include "client/json.h"
#include "client/rfc3339.h"
#include "client/utf8.h"

namespace hydra_clients::secrets {
namespace {

constexpr std::string_view kBegin = "-----BEGIN PGP MESSAGE-----\n";
constexpr std::string_view kEnd = "-----END PGP MESSAGE-----";
constexpr std::string_view kComment = "Comment: ";
constexpr std::string_view kId = "client_id ";
constexpr std::string_view kStamp = "import ";
constexpr std::string_view kSealed = "sealed ";
constexpr std::string_view kRecipient = "recipient ";
constexpr std::size_t kMaxFingerprint = 64;  ///< of a version 5 key; 40 of those in use

bool isFingerprint(std::string_view text) {
  return !text.empty() && text.size() <= kMaxFingerprint &&
         std::ranges::all_of(text, [](char c) { return kUpperHex.find(c) != std::string_view::npos; });
}

/// Without the line's end and blanks behind it: an editor may have left some.
std::string_view withoutEnd(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

void addLine(std::string& head, std::string_view name, std::string_view value) {
  head += std::string(kComment) + std::string(name) + std::string(value) + "\n";
}

tl::expected<std::string, std::string> headOf(const SealedFacts& facts) {
  if (facts.id.empty() || firstInvalidUtf8(facts.id) != std::string_view::npos) {
    return tl::make_unexpected("its client_id is empty or not text in UTF-8");
  }
  if (!isStamp(facts.stamp)) return tl::make_unexpected("its import stamp is no UUID");
  if (!std::ranges::all_of(facts.recipients, isFingerprint)) {
    return tl::make_unexpected("a recipient's fingerprint is not upper-case hex");
  }
  const std::string id = json::quoteAscii(facts.id);
  if (id.size() > kMaxSealedLineBytes) {
    return tl::make_unexpected("its client_id is longer than a secret's file can state");
  }
  std::string head;
  addLine(head, kId, id);
  addLine(head, kStamp, facts.stamp);
  addLine(head, kSealed, rfc3339(facts.sealed));
  for (const std::string& recipient : facts.recipients) addLine(head, kRecipient, recipient);
  return head;
}

struct FoundFacts {
  std::optional<ClientId> id;
  std::optional<std::string> stamp;
  std::optional<std::chrono::system_clock::time_point> sealed;
  std::vector<std::string> recipients;
};

std::optional<ClientId> idIn(std::string_view quoted) {
  const auto value = json::parse(quoted);
  return value && value->isString() ? std::optional(value->text) : std::nullopt;
}

/// One line of the head; what is not ours is passed over.
void note(std::string_view line, FoundFacts& facts) {
  if (!line.starts_with(kComment)) return;
  line.remove_prefix(kComment.size());
  if (line.starts_with(kId)) facts.id = idIn(line.substr(kId.size()));
  if (line.starts_with(kStamp) && isStamp(line.substr(kStamp.size())))
    facts.stamp = line.substr(kStamp.size());
  if (line.starts_with(kSealed)) facts.sealed = parseRfc3339(line.substr(kSealed.size()));
  if (line.starts_with(kRecipient)) facts.recipients.emplace_back(line.substr(kRecipient.size()));
}

}  // namespace

bool isStamp(std::string_view text) {
  constexpr std::string_view kForm = "00000000-0000-0000-0000-000000000000";
  return std::ranges::equal(text, kForm, [](char c, char form) {
    return form == '-' ? c == '-' : kLowerHex.find(c) != std::string_view::npos;
  });
}

tl::expected<std::string, std::string> withFacts(std::string_view armored, const SealedFacts& facts) {
  if (!armored.starts_with(kBegin) || !withoutEnd(armored).ends_with(kEnd)) {
    return tl::make_unexpected("it is not an ASCII-armored PGP message");
  }
  auto head = headOf(facts);
  if (!head) return head;
  if (armored.size() + head->size() > kMaxSealedBytes) {
    return tl::make_unexpected("it would be larger than the " + std::to_string(kMaxSealedBytes) +
                               " bytes of a secret's file: it has " +
                               std::to_string(facts.recipients.size()) + " recipients");
  }
  return std::string(kBegin) + *head + std::string(armored.substr(kBegin.size()));
}

tl::expected<SealedFacts, std::string> factsOf(std::string_view message) {
  if (message.empty()) return tl::make_unexpected("is empty");
  if (!message.starts_with(kBegin)) return tl::make_unexpected("is not a PGP message");
  if (!withoutEnd(message).ends_with(kEnd)) return tl::make_unexpected("is cut short");
  FoundFacts found;
  message.remove_prefix(kBegin.size());
  while (!message.empty()) {  // each turn takes a line off a text of at most kMaxSealedBytes
    const std::size_t end = std::min(message.find('\n'), message.size() - 1);
    const std::string_view line = withoutEnd(message.substr(0, end + 1));
    if (line.empty()) break;
    note(line, found);
    message.remove_prefix(end + 1);
  }
  if (!found.id || !found.stamp || !found.sealed) {
    return tl::make_unexpected("does not say in its head which client, import and time it is of");
  }
  return SealedFacts{std::move(*found.id), std::move(*found.stamp), *found.sealed,
                     std::move(found.recipients)};
}

}  // namespace hydra_clients::secrets
