// unbuilt source
