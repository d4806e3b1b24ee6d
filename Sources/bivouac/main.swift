print("bivouac")
