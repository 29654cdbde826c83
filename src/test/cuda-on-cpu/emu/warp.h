// Barriers and warp-wide operations, with CUDA's names and semantics.
#pragma once
#include <cstring>
#include <type_traits>

#include "runtime.h"

namespace emu {

inline unsigned lane() { return emu_thread->linear % kWarpSize; }

template <class F>
void forEachLane(unsigned mask, F f) {
  for (; mask; mask &= mask - 1) f(static_cast<unsigned>(__builtin_ctz(mask)));
}

template <class T>
struct Shuffle {
  T value;
  unsigned source;

  // A lane that does not take part has no defined value: the result is garbage, as on the device.
  static void combine(void* const* offers, unsigned mask) {
    T values[kWarpSize];
    memset(values, 0xCD, sizeof values);
    forEachLane(mask, [&](unsigned l) { values[l] = static_cast<Shuffle*>(offers[l])->value; });
    forEachLane(mask, [&](unsigned l) {
      auto* offer = static_cast<Shuffle*>(offers[l]);
      offer->value = values[offer->source];
    });
  }
};

template <class T>
T shuffle(unsigned mask, T value, unsigned source, int line) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8);
  Shuffle<T> offer{value, source};
  emu_warp_op(mask, &Shuffle<T>::combine, &offer, line);
  return offer.value;
}

struct Vote {
  bool predicate;
  unsigned ballot, members;

  static void combine(void* const* offers, unsigned mask) {
    unsigned ballot = 0;
    forEachLane(mask, [&](unsigned l) {
      if (static_cast<Vote*>(offers[l])->predicate) ballot |= 1u << l;
    });
    forEachLane(mask, [&](unsigned l) {
      static_cast<Vote*>(offers[l])->ballot = ballot;
      static_cast<Vote*>(offers[l])->members = mask;
    });
  }
};

inline Vote vote(unsigned mask, int predicate, int line) {
  Vote offer{predicate != 0, 0, 0};
  emu_warp_op(mask, &Vote::combine, &offer, line);
  return offer;
}

template <class T>
struct Match {
  T value;
  unsigned equal;

  static void combine(void* const* offers, unsigned mask) {
    forEachLane(mask, [&](unsigned l) {
      auto* mine = static_cast<Match*>(offers[l]);
      mine->equal = 0;
      forEachLane(mask, [&](unsigned k) {
        if (static_cast<Match*>(offers[k])->value == mine->value) mine->equal |= 1u << k;
      });
    });
  }
};

template <class T, class Operation>
struct Reduce {
  T value;

  static void combine(void* const* offers, unsigned mask) {
    unsigned first = __builtin_ctz(mask);
    T total = static_cast<Reduce*>(offers[first])->value;
    forEachLane(mask & (mask - 1),
                [&](unsigned l) { total = Operation{}(total, static_cast<Reduce*>(offers[l])->value); });
    forEachLane(mask, [&](unsigned l) { static_cast<Reduce*>(offers[l])->value = total; });
  }
};

template <class Operation, class T>
T reduce(unsigned mask, T value, int line) {
  Reduce<T, Operation> offer{value};
  emu_warp_op(mask, &Reduce<T, Operation>::combine, &offer, line);
  return offer.value;
}

struct Add {
  template <class T>
  T operator()(T a, T b) const {
    return a + b;
  }
};
struct Min {
  template <class T>
  T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};
struct Max {
  template <class T>
  T operator()(T a, T b) const {
    return a < b ? b : a;
  }
};
struct And {
  template <class T>
  T operator()(T a, T b) const {
    return a & b;
  }
};
struct Or {
  template <class T>
  T operator()(T a, T b) const {
    return a | b;
  }
};

inline void nothing(void* const*, unsigned) {}

}  // namespace emu

inline void __syncthreads(int line = __builtin_LINE()) { emu_block_barrier(0, line); }

inline int __syncthreads_count(int predicate, int line = __builtin_LINE()) {
  emu_block_barrier(predicate, line);
  return emu_block->sumResult;
}

inline int __syncthreads_and(int predicate, int line = __builtin_LINE()) {
  emu_block_barrier(predicate, line);
  return emu_block->allResult;
}

inline int __syncthreads_or(int predicate, int line = __builtin_LINE()) {
  emu_block_barrier(predicate, line);
  return emu_block->anyResult;
}

inline void __syncwarp(unsigned mask = ~0u, int line = __builtin_LINE()) {
  emu_warp_op(mask, &emu::nothing, nullptr, line);
}

// A lane outside its segment of `width` lanes reads itself, as on the device.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, int line = __builtin_LINE()) {
  unsigned segment = emu::lane() & ~(width - 1u);
  return emu::shuffle(mask, value, segment | (source & (width - 1)), line);
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int x, int width = 32, int line = __builtin_LINE()) {
  unsigned lane = emu::lane(), source = lane ^ x, last = lane | (width - 1u);
  return emu::shuffle(mask, value, source <= last ? source : lane, line);
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  unsigned lane = emu::lane(), source = lane + delta, last = lane | (width - 1u);
  return emu::shuffle(mask, value, source <= last ? source : lane, line);
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  unsigned lane = emu::lane(), first = lane & ~(width - 1u);
  return emu::shuffle(mask, value, lane >= first + delta ? lane - delta : lane, line);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return emu::vote(mask, predicate, line).ballot;
}

inline int __any_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return emu::vote(mask, predicate, line).ballot != 0;
}

inline int __all_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  emu::Vote v = emu::vote(mask, predicate, line);
  return v.ballot == v.members;
}

template <class T>
unsigned __match_any_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  emu::Match<T> offer{value, 0};
  emu_warp_op(mask, &emu::Match<T>::combine, &offer, line);
  return offer.equal;
}

template <class T>
T __reduce_add_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  return emu::reduce<emu::Add>(mask, value, line);
}
template <class T>
T __reduce_min_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  return emu::reduce<emu::Min>(mask, value, line);
}
template <class T>
T __reduce_max_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  return emu::reduce<emu::Max>(mask, value, line);
}
inline unsigned __reduce_and_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return emu::reduce<emu::And>(mask, value, line);
}
inline unsigned __reduce_or_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return emu::reduce<emu::Or>(mask, value, line);
}

// Lanes that run at this moment in this branch cannot be told apart here from lanes that wait, so
// the call is refused rather than answered wrongly.
inline unsigned __activemask() { emu_fail(emu::kLaunchFailed, "__activemask is not emulated: pass the mask"); }
