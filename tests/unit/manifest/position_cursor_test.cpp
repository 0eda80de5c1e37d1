#include "manifest/position_cursor.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace hydra_clients::manifest {
namespace {

TEST(PositionCursor, SaysWhatAWalkFromTheBeginningSaysForOffsetsInAnyOrder) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += i % 7 == 0 ? "\n" : i % 5 == 0 ? "ä" : "x\r";
  PositionCursor cursor(text);
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const std::size_t offset = random() % (text.size() + 1);
    const json::Position expected = json::positionOf(text, offset);
    const json::Position found = cursor.of(offset);
    EXPECT_EQ(found.line, expected.line) << offset;
    EXPECT_EQ(found.column, expected.column) << offset;
    if (i % 3 == 0) cursor.mark();
  }
}

}  // namespace
}  // namespace hydra_clients::manifest
