#include "reconcile/conflict_hint.h"

#include <algorithm>

namespace hydra_clients::reconcile {
namespace {

constexpr std::string_view kUnixScheme = "unix://";

/// A word of a POSIX shell (XCU 2.2.2): as it is where no character of it means anything, else in single
/// quotes.
std::string quoted(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=-";
  if (!word.empty() && word.front() != '-' && word.find_first_not_of(kPlain) == std::string_view::npos)
    return std::string(word);
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// A file's name that does not look like an option.
std::string pathWord(const std::string& path) { return quoted(path.starts_with('-') ? "./" + path : path); }

/// The client as Hydra takes it: one of an array, without the keys that only this program knows.
std::string jqCommand(const manifest::Location& place) {
  std::string filter;
  if (place.pointer.starts_with('/')) filter = ".[" + place.pointer.substr(1) + "] | ";
  filter += R"(del(."$schema", ."$comment", .client_secret_from))";
  return "jq " + quoted(filter) + " " + pathWord(place.path);
}

}  // namespace

// `hydra clients update` of v1 takes no file and resets every field that it is not told; the command of v2
// speaks no unix sockets. Both are a PUT then (hydra-admin-api: PUT without a client_secret keeps the one
// there is).
std::string updateCommand(const ClientId& id, const manifest::Location& place, const hydra::Dialect& dialect,
                          std::string_view endpoint) {
  if (!dialect.addressable(id)) return {};
  const bool unixSocket = endpoint.starts_with(kUnixScheme);
  const std::string client = jqCommand(place) + " | ";
  if (dialect.family != hydra::Family::kV1 && !unixSocket) {
    return client + "hydra update oauth2-client --endpoint " + quoted(endpoint) + " --file /dev/stdin -- " +
           quoted(id);
  }
  std::string command = client + "curl --fail-with-body --request PUT --data-binary @-";
  if (unixSocket) {
    command += " --unix-socket " + quoted(endpoint.substr(kUnixScheme.size()));
    endpoint = "http://unix";
  }
  return command + " " + quoted(std::string(endpoint) + dialect.clientTarget(id));
}

std::string conflictHint(const ClientId& id, const manifest::Location& place, const hydra::Dialect& dialect,
                         std::string_view endpoint) {
  const std::string change =
      "change the manifest at " + manifest::formatPlace(place) + " to what Hydra holds";
  const std::string command = updateCommand(id, place, dialect, endpoint);
  if (command.empty()) return change + " (this Hydra cannot change a client of such an id)";
  return change + ", or the live client to what the manifest says: " + command;
}

}  // namespace hydra_clients::reconcile
