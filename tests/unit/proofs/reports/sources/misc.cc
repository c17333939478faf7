#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>
static void check(int n) { assert(n < 3); }
int main(int c, char **v) {
  if (!strcmp(v[1], "assert")) check(c + 4);
  if (!strcmp(v[1], "free")) { char *p = (char *)malloc(8); free(p); free(p + c - 2); }
  if (!strcmp(v[1], "smash")) { char b[8]; memset(b + c - 2, 'x', 64 * (c - 1)); return b[7]; }
  if (!strcmp(v[1], "throw")) throw std::runtime_error("oh");
  if (!strcmp(v[1], "segv")) { volatile char *p = 0; return *p; }
  if (!strcmp(v[1], "pair")) { int *a = new int[2]; free(a); }
  if (!strcmp(v[1], "bool")) { unsigned char u = 7; bool b; memcpy(&b, &u, 1); return b ? 1 : 2; }
  if (!strcmp(v[1], "cont")) { std::vector<int> w(3); w.reserve(10); return w.data()[5]; }
}
