#include "secrets/key_expiry.h"

namespace hydra_clients::secrets {
namespace {

constexpr const char* kRenew = "renew it (gpg --quick-set-expire), export it again and restart with it";

std::time_t secondsOf(WallTime time) { return std::chrono::system_clock::to_time_t(time); }

std::string nameOf(const Recipient& recipient) {
  return "the PGP key " + recipient.fingerprint +
         (recipient.userId.empty() ? "" : " (" + recipient.userId + ")");
}

bool hasEnded(const Recipient& recipient, WallTime now) {
  return recipient.expires && *recipient.expires <= now;
}

}  // namespace

std::string dateOf(std::time_t seconds) {
  std::tm utc{};
  char text[32];
  if (gmtime_r(&seconds, &utc) == nullptr) return "an unknown day";
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &utc)};
}

double earliestEnd(const std::vector<Recipient>& recipients) {
  std::optional<WallTime> earliest;
  for (const Recipient& recipient : recipients) {
    if (recipient.expires && (!earliest || *recipient.expires < *earliest)) earliest = recipient.expires;
  }
  return earliest ? static_cast<double>(secondsOf(*earliest)) : 0.0;
}

std::string endedKeys(const std::vector<Recipient>& recipients, WallTime now) {
  std::string words;
  for (const Recipient& recipient : recipients) {
    if (!hasEnded(recipient, now)) continue;
    words += (words.empty() ? "" : "; ") + nameOf(recipient) + " expired on " +
             dateOf(secondsOf(*recipient.expires));
  }
  return words.empty() ? words : words + ": " + kRenew;
}

std::vector<std::string> KeyExpiryWatch::dueWarnings(WallTime now) {
  std::vector<std::string> warnings;
  for (const Recipient& recipient : recipients_) {
    if (!recipient.expires || *recipient.expires > now + kKeyEndsSoon) continue;
    const bool ended = hasEnded(recipient, now);
    if (!(ended ? saidEnded_ : saidSoon_).insert(recipient.fingerprint).second) continue;
    warnings.push_back(nameOf(recipient) + (ended ? " expired on " : " expires on ") +
                       dateOf(secondsOf(*recipient.expires)) +
                       (ended ? ": no secret can be encrypted, so no client that needs one is imported; "
                              : ": after that no secret can be encrypted; ") +
                       kRenew);
  }
  return warnings;
}

}  // namespace hydra_clients::secrets
