// A program for kill-at.so to work on (kill_at_test.cpp): does what its arguments say, one after the other,
// and goes on where a call fails.
//
//     kill-at-subject write PATH WORD … rename PATH PATH … unlink PATH … folder PATH … ask PORT … child PATH

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// Appends the word to the file.
void write(const char* path, std::string_view word) {
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  (void)!::write(file, word.data(), word.size());
  close(file);
}

/// Asks the server on this machine, and prints its answer.
void ask(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
  (void)!send(connection, "question", 8, 0);
  std::array<char, 64> answer{};
  const ssize_t size = recv(connection, answer.data(), answer.size(), 0);
  if (size > 0) (void)!::write(STDOUT_FILENO, answer.data(), static_cast<std::size_t>(size));
  close(connection);
}

/// A child writes to the file, another prints what it finds of us in its environment.
void haveChildren(const char* path) {
  const pid_t child = fork();
  if (child == 0) {
    write(path, "child");
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  (void)!std::system(
      "printenv LD_PRELOAD KILL_AT KILL_AT_PATH");  // NOLINT(concurrency-mt-unsafe): one thread
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view what = argv[i];
    const char* first = argv[++i];
    if (what == "write" && i + 1 < argc) write(first, argv[++i]);
    if (what == "rename" && i + 1 < argc) (void)renameat(AT_FDCWD, first, AT_FDCWD, argv[++i]);
    if (what == "unlink") unlink(first);
    if (what == "folder") (void)!chdir(first);
    if (what == "ask") ask(std::atoi(first));
    if (what == "child") haveChildren(first);
  }
  return 0;
}
