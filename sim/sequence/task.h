// SPDX-License-Identifier: Apache-2.0
#pragma once
// A test sequence: a C++20 coroutine that drives a design's pins and waits for clock cycles.
//
//   Task load(Bench& bench) { start = 1; co_await bench.cycle(); start = 0; co_await bench.until([&] { return done !=
//   0; }); }
#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>

namespace systole::sequence {

/// Memory of coroutine frames, kept for the next frame of the same size: a sequence that calls others in a loop
/// allocates nothing after the first round. One per thread.
void* take_frame(std::size_t bytes);
void give_frame(void* frame, std::size_t bytes) noexcept;

/// A coroutine that starts when it is awaited by another one or given to Bench::run or Bench::fork. An exception that
/// leaves it reaches whoever awaits it.
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  struct promise_type {
    std::coroutine_handle<> awaiting;  ///< resumed when this one ends; none for a process of the bench
    std::exception_ptr error;

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    static std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final {
      static bool await_ready() noexcept { return false; }
      static std::coroutine_handle<> await_suspend(Handle ended) noexcept {
        const std::coroutine_handle<> next = ended.promise().awaiting;
        return next ? next : std::noop_coroutine();
      }
      static void await_resume() noexcept {}
    };
    static Final final_suspend() noexcept { return {}; }
    static void return_void() noexcept {}
    void unhandled_exception() noexcept { error = std::current_exception(); }

    static void* operator new(std::size_t bytes) { return take_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { give_frame(frame, bytes); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] Handle handle() const { return handle_; }
  [[nodiscard]] bool done() const { return handle_.done(); }
  /// Throws what left the coroutine, if anything did.
  void rethrow() const {
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
  }

  // `co_await task` runs it to its end.
  static bool await_ready() noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().awaiting = caller;
    return handle_;
  }
  void await_resume() const { rethrow(); }

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

}  // namespace systole::sequence
