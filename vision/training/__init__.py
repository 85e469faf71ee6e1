"""The recipe that makes the model the product ships.

Five steps, each a module with a `--help`, run in this order with the `train` extra installed:

1. `prepare`: real pictures and simulated frames become one training set; whole scenes are held out
   (`composites` adds drawn ones);
2. `train`: beside COCO's untouched network a second neck and head learn smoke;
3. `lying`: one more score for COCO's boxes learns people who lie, seen from above;
4. `export`: they become one ONNX file on a common trunk, and its registry entry;
5. `xunshan vision evaluate`: exported files are judged side by side, by the code that ships, on
   pictures never trained on.

Weights and pictures are given by path and are never part of the project.
"""
