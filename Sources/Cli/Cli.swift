// Cli
