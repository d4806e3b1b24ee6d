/// The benchmarks, one after the other. Every figure stands beside a reference of the same run.
print("Frames\n")
DecodeBench.run()
print("\nThe wire\n")
try WireBench.run()
print("\nThe disk: 32 channels at 1 Hz, commits against indexed rows\n")
try await DiskBench.run()
