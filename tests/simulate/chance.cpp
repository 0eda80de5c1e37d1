#include "chance.h"

namespace simulate {

Chance::Chance(std::uint64_t seed) {
  std::uint64_t mixed = seed + 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  state_ = (mixed ^ (mixed >> 31U)) | 1U;  // zero would stay zero
}

std::uint64_t Chance::next() {
  state_ ^= state_ >> 12U;
  state_ ^= state_ << 25U;
  state_ ^= state_ >> 27U;
  return state_ * 0x2545F4914F6CDD1DU;
}

std::uint64_t Chance::between(std::uint64_t least, std::uint64_t most) {
  return least + (next() >> 11U) % (most - least + 1);
}

bool Chance::permille(unsigned times) { return between(0, 999) < times; }

void Chance::fill(unsigned char* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<unsigned char>(next() >> 32U);
}

}  // namespace simulate
