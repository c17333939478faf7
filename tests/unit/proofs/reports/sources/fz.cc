#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>
#include <functional>
namespace shop { namespace {
template <typename T, typename U = std::vector<T>> struct Parser { U data; T at(size_t i) { return data.data()[i]; }
  T operator()(size_t i) { return at(i); } };
} 
int run(const uint8_t *d, size_t n) { Parser<uint8_t> p; p.data.assign(d, d + n); auto f = [&](size_t i) { return p(i); }; std::function<int(size_t)> g = f; return g(n + 64); }
}
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *d, size_t n) {
  if (n > 2 && d[0] == 'a' && d[1]=='b') return shop::run(d, n) == 77;
  if (n > 2 && d[0] == 'q') abort();
  if (n > 2 && d[0] == 'x') exit(3);
  if (n > 2 && d[0] == 't') for (;;) { volatile int z = 0; z++; }
  if (n > 2 && d[0] == 'm') { static std::vector<char*> v; for (;;) { char *p = (char*)malloc(1 << 20); memset(p, 1, 1 << 20); v.push_back(p); } }
  if (n > 2 && d[0] == 'u') throw std::string("oh");
  return 0; }
