#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <limits.h>
static char table[8] = "seven..";
struct head { int size; char *name; };
static int __attribute__((noinline)) read_at(const char *data, int i) { return data[i]; }
static void __attribute__((noinline)) write_at(char *data, int i, char c) { data[i] = c; }
static inline __attribute__((always_inline)) int get_byte(const char *p, int i) { return read_at(p, i) & 255; }
static int parse_field(const char *p, int n) { int sum = 0; for (int i = 0; i <= n; i++) sum += get_byte(p, i); return sum; }
static int parse_record(const char *p, int n) { return parse_field(p, n) + 1; }
static int __attribute__((noinline)) deep(int n) { volatile char pad[256]; pad[0] = n; return n == -7 ? pad[0] : deep(n + 1) + pad[0]; }
int __attribute__((noinline)) divide(int a, int b) { return a / b; }
static void __attribute__((noinline)) drop(struct head *h) { free(h->name); free(h); }
int main(int argc, char **argv) {
  const char *w = argc > 1 ? argv[1] : "";
  int n = argc > 2 ? atoi(argv[2]) : 8;
  volatile int big = n;
  char *heap = malloc(8); memset(heap, 1, 8);
  char local[8] = {0};
  struct head *h = malloc(sizeof *h); h->size = n; h->name = malloc(4);
  int r = 0;
  if (!strcmp(w, "heap-read")) r = parse_record(heap, n);
  if (!strcmp(w, "heap-write")) write_at(heap, n, 'x');
  if (!strcmp(w, "stack-read")) r = parse_record(local, n);
  if (!strcmp(w, "stack-write")) write_at(local, n, 'x');
  if (!strcmp(w, "global-read")) r = parse_record(table, n);
  if (!strcmp(w, "memcpy")) memcpy(heap, argv[0], 64);
  if (!strcmp(w, "uaf")) { drop(h); r = h->size; }
  if (!strcmp(w, "double-free")) { free(heap + big - big); free(heap); }
  if (!strcmp(w, "bad-free")) free(local + big - big);
  if (!strcmp(w, "null-read")) r = parse_record(NULL, n);
  if (!strcmp(w, "null-write")) write_at(NULL, n, 'x');
  if (!strcmp(w, "wild-read")) r = read_at((char *)0x123456789000ul, n);
  if (!strcmp(w, "wild-write")) write_at((char *)0x123456789000ul, n, 'y');
  if (!strcmp(w, "call-null")) { void (*volatile f)(void) = NULL; f(); }
  if (!strcmp(w, "call-wild")) { void (*volatile f)(void) = (void (*)(void))0x123456789000ul; f(); }
  if (!strcmp(w, "fpe")) r = divide(n, big - n);
  if (!strcmp(w, "abort")) abort();
  if (!strcmp(w, "deep")) r = deep(0);
  if (!strcmp(w, "overlap")) memcpy(heap + 1, heap, 4 + big - 4);
  if (!strcmp(w, "negative")) memmove(heap, heap + 1, (size_t)(big - 9));
  if (!strcmp(w, "huge")) heap = malloc((size_t)-big);
  if (!strcmp(w, "leak")) { h->name = NULL; heap = NULL; }
  if (!strcmp(w, "shift")) r = 1 << (n + 40);
  if (!strcmp(w, "signed")) r = INT_MAX - 1 + n;
  if (!strcmp(w, "index")) { int a[4] = {0}; r = a[n]; }
  if (!strcmp(w, "align")) r = *(int *)(heap + 1);
  if (!strcmp(w, "null-member")) { struct head *volatile z = NULL; r = z->size; }
  if (!strcmp(w, "uninit")) { char *u = malloc(8); r = parse_record(u, 1); if (r > 3) puts("more"); }
  if (!strcmp(w, "ill")) __builtin_trap();
  printf("%d\n", r);
  return 0;
}
