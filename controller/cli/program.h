#pragma once

namespace hydra_clients::cli {

/// Parses the command line, runs the command, returns its exit code. Never throws.
int runProgram(int argc, const char* const* argv, const char* const* environment);

}  // namespace hydra_clients::cli
