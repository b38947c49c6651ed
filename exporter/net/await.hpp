// The one way this program waits: coroutines on the plain io_context executor, errors as values.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mxhealth::net {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;

template <class T>
using awaitable = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};
inline constexpr auto as_values = asio::as_tuple(use_awaitable);

}  // namespace mxhealth::net
