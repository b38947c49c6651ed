// libFuzzer on what is read from an EHLO reply.
#include "smtp/examine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  mxhealth::smtp::test::examine_capabilities({reinterpret_cast<const char*>(octets), size});
  return 0;
}
