// hydra-sandbox: see README.md beside this file.
#include <csignal>
#include <exception>
#include <iostream>
#include <variant>

#include "options.h"
#include "server.h"
#include "service.h"

int main(int argc, char** argv) {
  auto parsed = sandbox::parse_options(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& options = std::get<sandbox::Options>(parsed);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    sandbox::Service service(options);
    sandbox::Server server(options, service);
    std::cout << "listening on " << server.endpoint() << std::endl;
    server.run();
  } catch (const std::exception& error) {
    std::cerr << "hydra-sandbox: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
