# What every target of this project is compiled with.
add_library(project_options INTERFACE)
target_compile_options(project_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wconversion -Wsign-conversion -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # gcc 12 sees an overlap in std::string's operator+ (GCC bug 105651)
  $<$<BOOL:${HYDRA_CLIENTS_WERROR}>:-Werror>)
# No macro here may change a class of Boost.Asio: libcpprest shares Asio's inline functions with this program, and
# two layouts of one class end in a crash (BOOST_ASIO_NO_DEPRECATED did).
target_compile_definitions(project_options INTERFACE
  _TURN_OFF_PLATFORM_STRING     # cpprest's macro U breaks Boost's headers
  VALIJSON_USE_EXCEPTIONS)      # without it a broken schema calls abort()
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR}/controller)

# hydra_clients_room(NAME SOURCES … USES …): one room of the program, a static library.
# USES names the rooms and the libraries that it may include.
function(hydra_clients_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES" ${ARGN})
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(${name} PUBLIC project_options PUBLIC ${ROOM_USES})
endfunction()
