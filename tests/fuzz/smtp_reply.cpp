// libFuzzer on the reader of SMTP replies and on the dialogue that it feeds.
#include "smtp/examine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  mxhealth::smtp::test::examine_replies({reinterpret_cast<const char*>(octets), size});
  return 0;
}
