// Failures on demand: CUDA_ON_CPU_FAIL=function:nth:error[,...]. nth is a number, a number followed
// by + (that call and all later ones), or *.
#include <cstdio>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

#include "../common/environment.h"
#include "../common/library.h"
#include "driver.h"
#include "report.h"

namespace shim {
namespace {

struct Rule {
  std::string function, error;
  long first = 1, last = 1;
};

std::vector<Rule> parseRules() {
  std::vector<Rule> rules;
  std::stringstream list(setting("FAIL"));
  for (std::string text; std::getline(list, text, ',');) {
    std::stringstream parts(text);
    Rule rule;
    std::string nth;
    std::getline(parts, rule.function, ':');
    std::getline(parts, nth, ':');
    std::getline(parts, rule.error);
    bool open = nth == "*" || (!nth.empty() && nth.back() == '+');
    rule.first = nth == "*" ? 1 : atol(nth.c_str());
    rule.last = open ? INT64_MAX : rule.first;
    if (rule.first < 1 || rule.error.empty()) {
      fprintf(stderr, "[cuda-on-cpu] CUDA_ON_CPU_FAIL: '%s' is not function:nth:error\n", text.c_str());
      _Exit(2);
    }
    rules.push_back(rule);
  }
  return rules;
}

// The error asked for, if this call is one that must fail.
std::string due(const char* function) {
  static const std::vector<Rule> rules = parseRules();
  static std::mutex mutex;
  static std::map<std::string, long> calls;
  if (rules.empty()) return "";
  std::lock_guard<std::mutex> lock(mutex);
  long n = ++calls[function];
  for (const Rule& rule : rules) {
    if (rule.function == function && n >= rule.first && n <= rule.last) {
      fprintf(stderr, "[cuda-on-cpu] injected: call %ld of %s fails with %s\n", n, function, rule.error.c_str());
      return rule.error;
    }
  }
  return "";
}

}  // namespace

CUresult injectedResult(const char* function) {
  countCall(function);
  std::string error = due(function);
  return error.empty() ? CUDA_SUCCESS : errorByName(error);
}

bool injectedFailure(const char* function, const StatusName* statuses, int* status) {
  countCall(function);
  std::string error = due(function);
  if (error.empty()) return false;
  *status = atoi(error.c_str());
  for (const StatusName* s = statuses; s->name; ++s) {
    if (error == s->name) *status = s->value;
  }
  return true;
}

}  // namespace shim
