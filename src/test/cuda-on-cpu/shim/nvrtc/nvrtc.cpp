// NVRTC that compiles nothing: it checks what the real one would stumble over first, and returns PTX
// that names the kernels of the program. They are then the ones that g++ compiled from the same file.
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "../common/environment.h"
#include "../common/library.h"
#include "../common/ptx_marker.h"

using namespace shim;

namespace {

enum : int {
  NVRTC_SUCCESS = 0,
  NVRTC_OUT_OF_MEMORY = 1,
  NVRTC_INVALID_INPUT = 3,
  NVRTC_INVALID_PROGRAM = 4,
  NVRTC_INVALID_OPTION = 5,
  NVRTC_COMPILATION = 6,
  NVRTC_INTERNAL_ERROR = 11,
};

const StatusName kStatuses[] = {
    {"NVRTC_SUCCESS", NVRTC_SUCCESS},
    {"NVRTC_ERROR_OUT_OF_MEMORY", NVRTC_OUT_OF_MEMORY},
    {"NVRTC_ERROR_INVALID_INPUT", NVRTC_INVALID_INPUT},
    {"NVRTC_ERROR_INVALID_PROGRAM", NVRTC_INVALID_PROGRAM},
    {"NVRTC_ERROR_INVALID_OPTION", NVRTC_INVALID_OPTION},
    {"NVRTC_ERROR_COMPILATION", NVRTC_COMPILATION},
    {"NVRTC_ERROR_INTERNAL_ERROR", NVRTC_INTERNAL_ERROR},
    {nullptr, 0},
};

struct Program {
  std::string name, source, ptx, log;
  std::map<std::string, std::string> headers;
};

void copyTo(const std::string& text, char* out) { memcpy(out, text.c_str(), text.size() + 1); }

// The value of "--key=value", "--key value" or a short form of it.
std::vector<std::string> valuesOf(int count, const char* const* options, std::initializer_list<const char*> keys) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) {
    std::string option = options[i];
    for (std::string key : keys) {
      if (option.rfind(key + "=", 0) == 0) values.push_back(option.substr(key.size() + 1));
      if (option == key && i + 1 < count) values.push_back(options[i + 1]);
      if (key == "-I" && option.rfind("-I", 0) == 0 && option.size() > 2) values.push_back(option.substr(2));
    }
  }
  return values;
}

bool exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

// The names in #include lines, quoted or in angle brackets.
std::vector<std::string> includesOf(const std::string& text) {
  std::vector<std::string> names;
  for (size_t at = text.find("#include"); at != std::string::npos; at = text.find("#include", at + 1)) {
    size_t open = text.find_first_of("<\"\n", at);
    size_t close = open == std::string::npos ? open : text.find_first_of(">\"\n", open + 1);
    if (close != std::string::npos && text[open] != '\n') names.push_back(text.substr(open + 1, close - open - 1));
  }
  return names;
}

// The first file, included directly or by a given header, that the real compiler would not find.
std::string missingInclude(const Program& program, const std::string& text, const std::vector<std::string>& folders) {
  for (const std::string& name : includesOf(text)) {
    auto given = program.headers.find(name);
    if (given != program.headers.end()) {
      std::string deeper = given->second == text ? "" : missingInclude(program, given->second, folders);
      if (!deeper.empty()) return deeper;
      continue;
    }
    bool found = std::any_of(folders.begin(), folders.end(),
                             [&](const std::string& folder) { return exists(folder + "/" + name); });
    if (!found) return name;
  }
  return "";
}

int numberAfter(const std::string& text, const char* prefix) {
  size_t at = text.find(prefix);
  return at == std::string::npos ? 0 : atoi(text.c_str() + at + strlen(prefix));
}

int compile(Program& program, int count, const char* const* options) {
  std::vector<std::string> architectures = valuesOf(count, options, {"--gpu-architecture", "-arch"});
  int arch = architectures.empty()
                 ? 52
                 : std::max(numberAfter(architectures[0], "compute_"), numberAfter(architectures[0], "sm_"));
  if (arch < 50) {
    program.log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
    return NVRTC_INVALID_OPTION;
  }
  std::string missing = missingInclude(program, program.source, valuesOf(count, options, {"--include-path", "-I"}));
  if (!missing.empty()) {
    program.log = program.name + "(1): catastrophic error: cannot open source file \"" + missing + "\"\n";
    return NVRTC_COMPILATION;
  }
  if (program.source.find("__global__") == std::string::npos) {
    program.log = program.name + ": no kernel in this source\n";
  }
  std::string file = program.name.substr(program.name.find_last_of('/') + 1);
  program.ptx = "//\n// " + std::string(kPtxMarker) + file.substr(0, file.find_last_of('.')) +
                "\n//\n.version 8.0\n.target sm_" + std::to_string(arch) + "\n.address_size 64\n";
  return NVRTC_SUCCESS;
}

template <class Body>
int onProgram(const char* function, Program* program, Body body) {
  int status;
  if (injectedFailure(function, kStatuses, &status)) return status;
  return handleAlive(program, "NVRTC program") ? body() : NVRTC_INVALID_PROGRAM;
}

}  // namespace

extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = 12;
  *minor = 6;
  return NVRTC_SUCCESS;
}

const char* nvrtcGetErrorString(int status) {
  for (const StatusName* s = kStatuses; s->name; ++s) {
    if (s->value == status) return s->name;
  }
  return "NVRTC_ERROR unknown";
}

int nvrtcCreateProgram(Program** program, const char* source, const char* name, int count, const char* const* headers,
                       const char* const* names) {
  int status;
  if (injectedFailure("nvrtcCreateProgram", kStatuses, &status)) return status;
  if (!source || count < 0) return NVRTC_INVALID_INPUT;
  *program = new Program{name ? name : "default_program", source, "", "", {}};
  for (int i = 0; i < count; ++i) (*program)->headers[names[i]] = headers[i];
  handleCreated(*program, "NVRTC program");
  return NVRTC_SUCCESS;
}

int nvrtcDestroyProgram(Program** program) {
  return onProgram("nvrtcDestroyProgram", *program, [&] {
    handleDestroyed(*program, "NVRTC program");
    delete *program;
    *program = nullptr;
    return NVRTC_SUCCESS;
  });
}

int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  int status;
  if (injectedFailure("nvrtcCompileProgram", kStatuses, &status)) {
    program->log = program->name + "(1): error: injected\n";
    return status;
  }
  return handleAlive(program, "NVRTC program") ? compile(*program, count, options) : NVRTC_INVALID_PROGRAM;
}

int nvrtcGetPTXSize(Program* program, size_t* bytes) {
  return onProgram("nvrtcGetPTXSize", program, [&] {
    *bytes = program->ptx.size() + 1;
    return program->ptx.empty() ? NVRTC_INVALID_PROGRAM : NVRTC_SUCCESS;
  });
}

int nvrtcGetPTX(Program* program, char* out) {
  return onProgram("nvrtcGetPTX", program, [&] {
    copyTo(program->ptx, out);
    return program->ptx.empty() ? NVRTC_INVALID_PROGRAM : NVRTC_SUCCESS;
  });
}

int nvrtcGetProgramLogSize(Program* program, size_t* bytes) {
  return onProgram("nvrtcGetProgramLogSize", program, [&] {
    *bytes = program->log.size() + 1;
    return NVRTC_SUCCESS;
  });
}

int nvrtcGetProgramLog(Program* program, char* out) {
  return onProgram("nvrtcGetProgramLog", program, [&] {
    copyTo(program->log, out);
    return NVRTC_SUCCESS;
  });
}
}
