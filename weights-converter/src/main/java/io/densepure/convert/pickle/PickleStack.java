package io.densepure.convert.pickle;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The unpickler's stack of values and marks. None is {@code null}. */
final class PickleStack {
  private final List<Object> values = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();

  void push(Object value) {
    values.add(value);
  }

  void mark() {
    marks.push(values.size());
  }

  Object peek() {
    if (values.size() <= floor()) {
      throw new IllegalArgumentException("takes a value from an empty stack");
    }
    return values.get(values.size() - 1);
  }

  Object pop() {
    Object top = peek();
    values.remove(values.size() - 1);
    return top;
  }

  /** The values above the last mark, which goes with them. */
  List<Object> popMark() {
    if (marks.isEmpty()) {
      throw new IllegalArgumentException("takes values down to a mark, but there is none");
    }
    List<Object> above = values.subList(marks.pop(), values.size());
    List<Object> taken = new ArrayList<>(above);
    above.clear();
    return taken;
  }

  /** POP removes a mark if one is on top. */
  void popValueOrMark() {
    if (!marks.isEmpty() && values.size() == floor()) {
      marks.pop();
    } else {
      pop();
    }
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.peek();
  }
}
