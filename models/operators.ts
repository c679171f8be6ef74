/** Operators that a model may use: trees, linear models and the arithmetic around them. Nothing that reads files or calls out. */
export const allowedOperators: ReadonlySet<string> = new Set([
  ..."TreeEnsembleClassifier TreeEnsembleRegressor TreeEnsemble LinearClassifier LinearRegressor SVMClassifier SVMRegressor"
    .split(" ")
    .concat("Normalizer Scaler Imputer ArrayFeatureExtractor FeatureVectorizer Binarizer LabelEncoder".split(" "))
    .map((name) => `ai.onnx.ml.${name}`),
  ..."Abs Add And ArgMax ArgMin Cast CastLike Clip Concat Constant ConstantOfShape Div Elu Equal Erf Exp Expand".split(
    " "
  ),
  ..."Flatten Floor Gather GatherElements Gemm Greater GreaterOrEqual Identity IsInf IsNaN LeakyRelu Less LessOrEqual".split(
    " "
  ),
  ..."Log LogSoftmax MatMul Max Mean Min Mod Mul Neg Not Or Pow Range Reciprocal ReduceMax ReduceMean ReduceMin".split(
    " "
  ),
  ..."ReduceSum Relu Reshape Round Selu Shape Sigmoid Sign Slice Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh".split(
    " "
  ),
  ..."Tile TopK Transpose Unsqueeze Where".split(" ")
]);
