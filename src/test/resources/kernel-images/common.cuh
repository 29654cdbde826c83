// shared header
