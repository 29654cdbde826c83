// Atomics on global and shared memory. Blocks run on several OS threads, so these are real ones.
#pragma once
#include <cstring>
#include <type_traits>

namespace emu {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 2, uint16_t, std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

// Replaces *p by operation(*p) and returns the old value.
template <class T, class Operation>
T atomicUpdate(T* p, Operation operation) {
  using B = Bits<T>;
  B* word = reinterpret_cast<B*>(p);
  B seen = __atomic_load_n(word, __ATOMIC_RELAXED);
  for (;;) {
    T old;
    memcpy(static_cast<void*>(&old), &seen, sizeof old);
    T next = operation(old);
    B wanted;
    memcpy(&wanted, static_cast<const void*>(&next), sizeof wanted);
    if (__atomic_compare_exchange_n(word, &seen, wanted, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
      return old;
    }
  }
}

template <class T>
struct Identity {
  using type = T;
};
template <class T>
using NotDeduced = typename Identity<T>::type;

}  // namespace emu

template <class T>
T atomicAdd(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T old) { return static_cast<T>(old + v); });
}
template <class T>
T atomicSub(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T old) { return static_cast<T>(old - v); });
}
template <class T>
T atomicMax(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T old) { return old < v ? v : old; });
}
template <class T>
T atomicMin(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T old) { return v < old ? v : old; });
}
template <class T>
T atomicAnd(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T old) { return old & v; });
}
template <class T>
T atomicOr(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T old) { return old | v; });
}
template <class T>
T atomicXor(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T old) { return old ^ v; });
}
template <class T>
T atomicExch(T* p, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [v](T) { return v; });
}
template <class T>
T atomicCAS(T* p, emu::NotDeduced<T> expected, emu::NotDeduced<T> v) {
  return emu::atomicUpdate(p, [=](T old) { return old == expected ? v : old; });
}
inline unsigned atomicInc(unsigned* p, unsigned limit) {
  return emu::atomicUpdate(p, [limit](unsigned old) { return old >= limit ? 0 : old + 1; });
}
