/* Lets a program see AVX512_BF16 on a processor that has it behind a hypervisor that does not report it, to measure and to test what
 * the library does there: the instructions run, but nothing looks for them. Linux on x86-64, on an Intel processor that can trap CPUID
 * (cpuid_fault in /proc/cpuinfo).
 *
 *   gcc -O1 -shared -fPIC eng/report-avx512-bf16.c -o report-avx512-bf16.so -ldl
 *   LD_PRELOAD=$PWD/report-avx512-bf16.so mlnet-bert doctor
 *
 * With REPORT_VENDOR=AuthenticAMD in the environment the processor is another's too: oneDNN and MKL then choose the code that they run there,
 * which is how faults of theirs on other machines were found and are tried again on this one.
 *
 * On a processor without the instructions the program ends with an illegal instruction at its first product in bfloat16. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_CPUID 0x1012
#define FEATURES 7
#define AVX512_BF16 (1u << 5) /* of EAX in the second part of the features */

typedef int sigaction_function(int, const struct sigaction *, struct sigaction *);

static sigaction_function *set_action;
static char vendor[13]; /* empty for the processor's own */
static pid_t of_this_process; /* a child that shares the memory until it runs another program sets its own handlers */
static struct sigaction of_the_program; /* what it has asked for, .NET among others, for faults that are none of ours */

static long allow_cpuid(int allowed) { return syscall(SYS_arch_prctl, ARCH_CPUID, allowed); }

static int is_cpuid(const siginfo_t *info, const unsigned char *instruction) {
  return info->si_code == SI_KERNEL && !info->si_addr && instruction && instruction[0] == 0x0F && instruction[1] == 0xA2;
}

static void answer(int signal_number, siginfo_t *info, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  if (is_cpuid(info, (const unsigned char *)registers[REG_RIP])) {
    unsigned leaf = (unsigned)registers[REG_RAX], part = (unsigned)registers[REG_RCX], a, b, c, d;
    allow_cpuid(1);
    __cpuid_count(leaf, part, a, b, c, d);
    allow_cpuid(0);
    if (leaf == 0 && vendor[0])
      memcpy(&b, vendor, 4), memcpy(&d, vendor + 4, 4), memcpy(&c, vendor + 8, 4);
    if (leaf == FEATURES && part == 0 && a < 1)
      a = 1; /* there is a second part */
    if (leaf == FEATURES && part == 1)
      a |= AVX512_BF16;
    registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
  } else if (of_the_program.sa_flags & SA_SIGINFO) {
    of_the_program.sa_sigaction(signal_number, info, context);
  } else if (of_the_program.sa_handler != SIG_DFL && of_the_program.sa_handler != SIG_IGN) {
    of_the_program.sa_handler(signal_number);
  } else {
    set_action(SIGSEGV, &(struct sigaction){.sa_handler = SIG_DFL}, NULL); /* and the fault happens again */
  }
}

/* In front of libc's: the handler of faults stays ours. */
int sigaction(int signal_number, const struct sigaction *wanted, struct sigaction *before) {
  if (!set_action)
    set_action = (sigaction_function *)dlsym(RTLD_NEXT, "sigaction");
  if (signal_number != SIGSEGV)
    return set_action(signal_number, wanted, before);
  struct sigaction old = of_the_program;
  if (wanted && getpid() == of_this_process)
    of_the_program = *wanted;
  if (before)
    *before = old;
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *wanted = getenv("REPORT_VENDOR");
  if (wanted && strlen(wanted) == 12)
    memcpy(vendor, wanted, 12);
  of_this_process = getpid();
  set_action = (sigaction_function *)dlsym(RTLD_NEXT, "sigaction");
  set_action(SIGSEGV, &(struct sigaction){.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART}, NULL);
  if (allow_cpuid(0))
    perror("report-avx512-bf16: this system cannot trap CPUID");
}
