// The lab's one way of waiting: coroutines on the plain io_context executor, errors as values.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace mxhealth::lab {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using Executor = asio::io_context::executor_type;
using TcpSocket = asio::basic_stream_socket<tcp, Executor>;
using UdpSocket = asio::basic_datagram_socket<udp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Error = boost::system::error_code;

template <class T = void>
using awaitable = asio::awaitable<T, Executor>;

inline constexpr auto as_values = asio::as_tuple(asio::use_awaitable_t<Executor>{});

}  // namespace mxhealth::lab
