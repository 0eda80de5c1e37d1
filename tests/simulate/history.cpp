#include "history.h"

#include <cstdio>

namespace simulate {

void History::note(int who, const std::string& what) {
  char time[32];
  std::snprintf(time, sizeof time, "%12.6f", std::chrono::duration<double>(scheduler_.now()).count());
  std::string line = time;
  line += who == Scheduler::kNobody ? "  world      " : "  replica " + std::to_string(who) + "  ";
  line += what;
  for (const char c : line) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  lines_.push_back(std::move(line));
}

void History::broken(int who, const std::string& rule) {
  note(who, "BROKEN: " + rule);
  if (broken_.size() < kMostBroken) broken_.push_back(lines_.back());
}

}  // namespace simulate
