#include <unistd.h>

#include "cli/program.h"

int main(int argc, char** argv) { return hydra_clients::cli::runProgram(argc, argv, environ); }
