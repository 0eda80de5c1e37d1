#include "options.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "go_text.h"

namespace sandbox {
namespace {

constexpr int kUsage = 64;

std::optional<std::variant<TcpAddress, UnixAddress>> parse_address(const std::string& text) {
  if (text.starts_with("unix:")) {
    std::string path = text.substr(5);
    if (path.starts_with("//")) path.erase(0, 2);
    if (path.empty()) return std::nullopt;
    return UnixAddress{path};
  }
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto port = parse_int(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  return TcpAddress{text.substr(0, colon), static_cast<std::uint16_t>(*port)};
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> found;
  for (std::string word; stream >> word;) found.push_back(word);
  return found;
}

int usage_error(const std::string& what) {
  std::cerr << "hydra-sandbox: " << what << "\n";
  return kUsage;
}

}  // namespace

std::variant<Options, int> parse_options(int argc, char** argv) {
  CLI::App app{
      "An in-memory stand-in for ORY Hydra's admin API. Prints `listening on …` when it is ready; SIGTERM "
      "ends "
      "it.\n\nExample: hydra-sandbox --dialect v2.3 --listen 127.0.0.1:0 --fault "
      "'{\"fault\":\"status\",\"status\":503,\"method\":\"POST\",\"count\":2}'",
      "hydra-sandbox"};
  Options options;
  std::string dialect = "v2.3";
  std::string listen = "127.0.0.1:0";
  std::string subject_types = "public";
  std::vector<std::string> faults;
  app.add_option("--dialect", dialect, "v1.9, v1.11, v2.1, v2.3 or v26")->capture_default_str();
  app.add_option("--listen", listen, "HOST:PORT (port 0: a free one) or unix:PATH")->capture_default_str();
  app.add_option("--fault", faults, "A fault as JSON, or @FILE; may be repeated");
  app.add_option("--seed", options.seed, "Of the chances of faults")->capture_default_str();
  app.add_option("--max-page-size", options.max_page_size, "Smaller pages than the dialect's");
  app.add_option("--default-scope", options.server.default_scope, "Of a client without one")
      ->capture_default_str();
  app.add_option("--subject-types", subject_types, "Supported subject types, separated by spaces")
      ->capture_default_str();
  app.add_flag("--sector-identifiers-answer", options.server.sector_identifiers_answer,
               "Take every https sector_identifier_uri, instead of failing to fetch it");
  app.add_option("--version-string", options.version,
                 "What GET /version says (a plain go build says master)");
  app.add_option("--public-url", options.public_url, "The start of registration_client_uri")
      ->capture_default_str();
  app.add_option("--require-bearer", options.bearer_token,
                 "Answer 401 to requests without this bearer token");
  app.add_option("--base-path", options.base_path, "Serve under this path, as behind a proxy");
  app.add_flag("--require-forwarded-proto", options.require_forwarded_proto,
               "Answer 502 without X-Forwarded-Proto: https, as behind a proxy that ends TLS");
  app.add_option("--tls-cert", options.tls_certificate, "Serve TLS with this certificate (PEM)");
  app.add_option("--tls-key", options.tls_key, "and this key (PEM)");
  app.add_option("--tls-client-ca", options.tls_client_ca,
                 "Require a client certificate that this CA signed");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  options.dialect = find_dialect(dialect);
  if (options.dialect == nullptr) return usage_error("--dialect must be v1.9, v1.11, v2.1, v2.3 or v26");
  const auto address = parse_address(listen);
  if (!address) return usage_error("--listen must be HOST:PORT or unix:PATH");
  options.listen = *address;
  options.server.subject_types = words(subject_types);
  if (options.server.subject_types.empty()) return usage_error("--subject-types must name one");
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return usage_error("--tls-cert and --tls-key belong together");
  }
  while (options.base_path.ends_with('/')) options.base_path.pop_back();
  for (const std::string& given : faults) {
    std::string text = given;
    if (given.starts_with('@')) {
      std::ifstream file(given.substr(1));
      text.assign(std::istreambuf_iterator<char>(file), {});
    }
    auto rules = parse_faults(text);
    if (!rules) return usage_error("--fault: " + rules.error());
    options.faults.insert(options.faults.end(), rules->begin(), rules->end());
  }
  return options;
}

}  // namespace sandbox
