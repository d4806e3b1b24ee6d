/* What every firmware has: vectors and start-up. Measured to be taken off. */
int main(void) {
  for (;;) continue;
}
