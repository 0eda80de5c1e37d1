#include <algorithm>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/manifest_flags.h"
#include "client/edit_distance.h"
#include "client/json.h"
#include "client/one_line.h"
#include "client/rfc3339.h"
#include "client/utf8.h"
#include "secrets/outbox_list.h"

namespace hydra_clients::cli {
namespace {

using json::Value;
using secrets::OutboxEntry;
using secrets::OutboxListing;

constexpr const char* kAboutGroup =
    "List and show the generated secrets of an outbox\n\n"
    "An outbox is the folder that receives the secrets that `run` generates, each encrypted with PGP. Both "
    "commands "
    "only read it, also while a controller is at work in it. No secret is decrypted: that takes a "
    "recipient's key.";

constexpr const char* kGroupExamples =
    "Examples:\n"
    "  hydra-clients secrets list --outbox outbox/\n"
    "  hydra-clients secrets show shop-web --outbox outbox/ | gpg -d\n"
    "\n"
    "Exit codes: 0 success, 1 failure, 64 a mistake on the command line.";

constexpr const char* kAboutList =
    "List the generated secrets of an outbox\n\n"
    "One line for each: whether it is confirmed (its client is in Hydra with this secret) or pending (nobody "
    "knows "
    "yet whether the import was carried out; `run` finds that out), its client, when it was encrypted, for "
    "whom (the "
    "last 16 digits of each fingerprint), and its file. Of one client's, the oldest comes first, and what is "
    "pending behind what is confirmed.";

constexpr const char* kListExamples =
    "Examples:\n"
    "  hydra-clients secrets list --outbox outbox/\n"
    "  hydra-clients secrets list --outbox outbox/ --output json | jq -r '.secrets[] | select(.state == "
    "\"pending\") "
    "| .client_id'\n"
    "\n"
    "Exit codes: 0 listed, 1 the outbox could not be read, 64 a mistake on the command line.";

constexpr const char* kAboutShow =
    "Print a client's encrypted secret, for gpg -d\n\n"
    "The newest confirmed one: the ASCII-armored PGP message as it stands in the outbox. Where there are "
    "older ones, "
    "standard error names their files.";

constexpr const char* kShowExamples =
    "Examples:\n"
    "  hydra-clients secrets show shop-web --outbox outbox/ | gpg -d\n"
    "  kubectl exec hydra-0 -c hydra-clients -- hydra-clients secrets show shop-web | gpg -d\n"
    "\n"
    "Exit codes: 0 printed, 1 there is no such secret, or it could not be read, 64 a mistake on the command "
    "line.";

struct Flags {
  std::string outbox;
  std::string output = "text";
  std::string clientId;
  bool pending = false;
};

void warn(const std::string& text) { std::cerr << "hydra-clients: " << text << "\n"; }

OutboxListing listingOf(const std::string& folder) {
  auto listing = secrets::listOutbox(folder);
  if (!listing) throw Failure(listing.error());
  for (const std::string& warning : listing->warnings) warn("warning: " + warning);
  return std::move(*listing);
}

std::string_view stateOf(const OutboxEntry& entry) { return entry.pending ? "pending" : "confirmed"; }

/// "0123456789ABCDEF,…": what gpg shows of a key, and takes for one.
std::string shortRecipients(const OutboxEntry& entry) {
  constexpr std::size_t kKeyId = 16;
  std::string text;
  for (const std::string_view fingerprint : entry.recipients) {
    text += (text.empty() ? "" : ",");
    text += fingerprint.substr(fingerprint.size() - std::min(kKeyId, fingerprint.size()));
  }
  return text;
}

std::size_t columnsOf(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !isUtf8Continuation(c); }));
}

void printText(const OutboxListing& listing) {
  std::size_t widest = 0;
  for (const OutboxEntry& entry : listing.entries) widest = std::max(widest, columnsOf(onOneLine(entry.id)));
  std::size_t pending = 0;
  for (const OutboxEntry& entry : listing.entries) {
    pending += entry.pending ? 1 : 0;
    std::string id = onOneLine(entry.id);
    id.append(widest - columnsOf(id), ' ');
    std::cout << fmt::format("{:<9}  {}  {}  {}  {}\n", stateOf(entry), id, rfc3339(entry.sealed),
                             shortRecipients(entry), onOneLine(entry.file));
  }
  std::cout << listing.entries.size() - pending << " confirmed, " << pending << " pending\n";
}

Value documentOf(const OutboxEntry& entry) {
  Value recipients = Value::array();
  for (const std::string& fingerprint : entry.recipients) recipients.append(Value::string(fingerprint));
  return Value::object()
      .add("client_id", Value::string(entry.id))
      .add("state", Value::string(std::string(stateOf(entry))))
      .add("sealed_at", Value::string(rfc3339(entry.sealed)))
      .add("recipients", std::move(recipients))
      .add("import", Value::string(entry.stamp))
      .add("file", Value::string(entry.file));
}

void printJson(const OutboxListing& listing) {
  Value entries = Value::array();
  for (const OutboxEntry& entry : listing.entries) entries.append(documentOf(entry));
  Value warnings = Value::array();
  for (const std::string& warning : listing.warnings) warnings.append(Value::string(warning));
  std::cout << json::writePretty(Value::object()
                                     .add("version", Value::number(1))
                                     .add("command", Value::string("secrets list"))
                                     .add("secrets", std::move(entries))
                                     .add("warnings", std::move(warnings)))
            << "\n";
}

void list(const Flags& flags) {
  const OutboxListing listing = listingOf(flags.outbox);
  flags.output == "json" ? printJson(listing) : printText(listing);
}

/// Why the client has no such secret, and what was probably meant.
std::string whyNone(const OutboxListing& listing, const Flags& flags, bool hasOther) {
  const std::string client = onOneLine("client " + flags.clientId);
  if (hasOther && flags.pending)
    return "the secret of " + client + " is confirmed, none is pending: leave --pending away";
  if (hasOther) {
    return "the secret of " + client +
           " is pending: nobody knows yet whether Hydra has it, and run finds that out; --pending shows it";
  }
  std::vector<std::string_view> ids;
  ids.reserve(listing.entries.size());
  for (const OutboxEntry& entry : listing.entries) ids.emplace_back(entry.id);
  const auto near = nearest(flags.clientId, ids);
  return onOneLine("the outbox " + flags.outbox + " holds no secret of " + client) +
         (near ? "; did you mean " + onOneLine(*near) + "?" : "; secrets list shows what it holds");
}

void show(const Flags& flags) {
  const OutboxListing listing = listingOf(flags.outbox);
  const auto same = std::ranges::equal_range(listing.entries, flags.clientId, {}, &OutboxEntry::id);
  // What is confirmed comes first, and of each kind the newest last.
  const auto middle = std::ranges::find_if(same, &OutboxEntry::pending);
  const auto wanted = flags.pending ? std::span(middle, same.end()) : std::span(same.begin(), middle);
  if (wanted.empty()) throw Failure(whyNone(listing, flags, !same.empty()));
  const auto message = secrets::messageOf(wanted.back());
  if (!message) throw Failure(message.error());
  std::cout << *message;
  for (const OutboxEntry& older : wanted.first(wanted.size() - 1)) {
    warn(onOneLine("older, sealed " + rfc3339(older.sealed) + ": " + older.file));
  }
}

void addOutboxFlag(CLI::App& command, std::string& folder) {
  addFlag(command, "outbox", folder, "the folder that receives generated secrets")
      ->type_name("FOLDER")
      ->required();
}

void addList(CLI::App& group) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = group.add_subcommand("list", kAboutList);
  command->footer(kListExamples);
  addOutboxFlag(*command, flags->outbox);
  addOutputFlag(*command, flags->output);
  command->callback([flags] { list(*flags); });
}

void addShow(CLI::App& group) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = group.add_subcommand("show", kAboutShow);
  command->footer(kShowExamples);
  command->add_option("CLIENT_ID", flags->clientId, "the client whose secret is wanted")->required();
  addOutboxFlag(*command, flags->outbox);
  addFlag(*command, "pending", flags->pending,
          "the newest pending secret, of which nobody knows whether Hydra has it");
  command->callback([flags] { show(*flags); });
}

}  // namespace

void addSecretsCommands(CLI::App& program, Outcome&) {
  CLI::App* group = program.add_subcommand("secrets", kAboutGroup);
  group->footer(kGroupExamples);
  group->require_subcommand(1);
  addList(*group);
  addShow(*group);
}

}  // namespace hydra_clients::cli
