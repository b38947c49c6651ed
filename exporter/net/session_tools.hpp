// What all sessions of a loop and a generation share, borrowed: whoever runs a session holds the generation.
#pragma once

#include <openssl/types.h>

#include <span>

#include "net/await.hpp"
#include "net/wheel.hpp"
#include "tls/judge_chain.hpp"

namespace mxhealth::net {

struct SessionTools {
  asio::io_context& io;
  Wheel& wheel;
  SSL_CTX* tls;
  tls::ChainJudge& judge;
  std::span<char> scratch;  ///< reads land here and are taken in before anything else runs
};

}  // namespace mxhealth::net
