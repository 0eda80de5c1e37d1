#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/pgp_flags.h"
#include "cli/secret_input.h"
#include "cli/signals.h"
#include "client/json.h"
#include "client/one_line.h"
#include "client/utf8.h"
#include "secrets/sealed_payload.h"
#include "secrets/secret_file.h"

namespace hydra_clients::cli {
namespace {

struct Flags {
  PgpFlags pgp;
  std::string clientId;
  std::string caFile;
  std::string output = "json";
};

constexpr const char* kAbout =
    "Encrypt a client's secret for its manifest\n\n"
    "Reads the secret from standard input (without its one trailing newline; on a terminal it is typed twice "
    "and "
    "not shown) and prints the member client_secret_from, which may stand in Git: only the holder of a "
    "recipient's private key can read it, and it holds for this client_id alone. `run`, `plan` and `import` "
    "open "
    "it with --pgp-private-key-file.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients seal --client-id shop --pgp-key-file controller.asc       # asks for the secret\n"
    "  openssl rand -hex 20 | hydra-clients seal --client-id shop --pgp-key-file controller.asc > "
    "sealed.json\n"
    "  jq -s '.[0] * .[1]' shop.json sealed.json > shop.json.new     # into the manifest\n"
    "  hydra-clients run --manifests manifests/ --pgp-private-key-file controller.key --endpoint ...\n"
    "\n"
    "Exit codes: 0 sealed, 1 not, 64 a mistake on the command line.";

/// What a manifest's string may have by default (--max-string-size): a message that no command reads is none.
constexpr std::size_t kMaxMessageBytes = json::Limits{}.stringBytes;

std::string asJson(std::string message) {
  json::Value reference = json::Value::object();
  reference.add("pgp", json::Value::string(std::move(message)));
  json::Value manifest = json::Value::object();
  manifest.add("client_secret_from", std::move(reference));
  return json::writePretty(manifest) + "\n";
}

/// The message, or why there is none.
tl::expected<std::string, std::string> sealed(const Flags& flags, const std::stop_token& stop) {
  // The key first: nobody types a secret in vain.
  const auto pgp = flags.pgp.start(flags.caFile, stop);
  if (!pgp) return tl::unexpected(pgp.error());
  for (const std::string& warning : expiryWarnings(**pgp))
    std::cerr << "hydra-clients: warning: " << onOneLine(warning) << "\n";
  const auto secret =
      readSecretInput("the secret of " + onOneLine(flags.clientId), secrets::kMaxSecretBytes, stop);
  if (!secret) return tl::unexpected(secret.error());
  const std::string fault =
      secrets::faultOfSecret(secret->reveal(Purpose::kComparison), secrets::kMaxSecretBytes);
  if (!fault.empty()) return tl::unexpected("the secret on standard input " + fault);
  auto message = (*pgp)->encrypt(secrets::makePayload(flags.clientId, *secret));
  if (message && message->size() > kMaxMessageBytes) {
    return tl::unexpected("the message would have " + std::to_string(message->size()) +
                          " bytes, more than a manifest's string may: seal a shorter secret, or for fewer "
                          "recipients");
  }
  return message;
}

int seal(const Flags& flags) {
  if (!flags.pgp.given()) {
    throw UsageError("seal needs a recipient: --pgp-key-file, --pgp-key, --pgp-key-url or --keybase");
  }
  if (firstInvalidUtf8(flags.clientId) != std::string_view::npos)
    throw UsageError("--client-id: must be UTF-8");
  SignalThread::block();
  const SignalThread signals({});
  auto message = sealed(flags, signals.stopToken());
  if (!message) {
    std::cerr << "hydra-clients: " << onOneLine(message.error()) << "\n";
    return kFailure;
  }
  std::cout << (flags.output == "json" ? asJson(std::move(*message)) : *message);
  return kSuccess;
}

}  // namespace

void addSealCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("seal", kAbout);
  command->footer(kExamples);
  addFlag(*command, "client-id", flags->clientId, "the client whose secret it is")
      ->type_name("ID")
      ->required();
  addChoiceFlag(*command, "output", flags->output,
                "what is printed: json, the member for the manifest; armor, the PGP message itself",
                {"json", "armor"});
  flags->pgp.addTo(*command);
  addFlag(*command, "ca-file", flags->caFile,
          "PEM certificates to trust, instead of the system's, where a key is fetched")
      ->type_name("FILE")
      ->group("Encryption");
  command->callback([flags, &outcome] { outcome.exitCode = seal(*flags); });
}

}  // namespace hydra_clients::cli
