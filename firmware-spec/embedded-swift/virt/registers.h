/*
 * What Swift cannot say by itself: accesses that the compiler keeps, in their order, and two
 * instructions. Included by Swift as its bridging header.
 */
#ifndef VIRT_REGISTERS_H
#define VIRT_REGISTERS_H

#include <stdint.h>

static inline uint8_t mmio_r8(uintptr_t address) { return *(volatile uint8_t *)address; }
static inline uint32_t mmio_r32(uintptr_t address) { return *(volatile uint32_t *)address; }

static inline void mmio_w8(uintptr_t address, uint8_t value) {
  *(volatile uint8_t *)address = value;
}

static inline void mmio_w32(uintptr_t address, uint32_t value) {
  *(volatile uint32_t *)address = value;
}

/* Lets the machine timer end a `wait_for_interrupt`; no handler runs, mstatus.MIE stays 0. */
static inline void let_timer_wake(void) { __asm__ volatile("csrs mie, %0" : : "r"(1U << 7)); }

/* Where the stack lies, by link.ld. */
static inline uint32_t stack_bottom(void) {
  extern char _stack_bottom[];
  return (uint32_t)(uintptr_t)_stack_bottom;
}

static inline uint32_t stack_top(void) {
  extern char _stack_top[];
  return (uint32_t)(uintptr_t)_stack_top;
}

static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" : : : "memory"); }

#endif
