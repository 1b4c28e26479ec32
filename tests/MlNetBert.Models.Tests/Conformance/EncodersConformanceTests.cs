using MlNetBert.Tests.Common;

namespace MlNetBert.Models.Tests.Conformance;

public class DistilBertConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.DistilBert;
}

public class ElectraConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Electra;
}

public class AlbertConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Albert;
}
