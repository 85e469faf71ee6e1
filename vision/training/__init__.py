"""The recipe that makes the model the product ships.

Four steps, each a module with a `--help`, run in this order with the `train` extra installed:

1. `prepare`: real pictures and simulated frames become one training set; whole scenes are held out;
2. `train`: a COCO model gets a two-class head (person, smoke) and is fine-tuned;
3. `export`: the checkpoint becomes an ONNX file and its registry entry;
4. `evaluate`: the exported file is judged, by the code that ships, on pictures never trained on.

Weights and pictures are given by path and are never part of the project.
"""
